package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KneeTest {
    private static final SearchProblem PROBLEM = new SearchProblem(
            new ToySpace(4, 4),
            List.of("top1", "latencyMs"),
            List.of(Objective.maximize("top1"), Objective.minimize("latencyMs")),
            List.of(new Budget("latencyMs", 1000)));

    private static ParetoFront front(double[]... points) {
        List<Evaluation> all = new ArrayList<>();
        for (int i = 0; i < points.length; i++) {
            int[] choices = new int[13];
            choices[1] = i;
            all.add(Evaluation.of(Architecture.of("toy", choices), points[i]));
        }
        return ParetoFront.of(PROBLEM, all);
    }

    /** From (0.5, 10) to (0.9, 110): the line between them passes 0.5 + 0.4 (x - 10) / 100; 0.8 at 30 is farthest above it. */
    @Test
    void itIsTheMemberFarthestFromTheLineBetweenTheExtremes() {
        ParetoFront f = front(
                new double[] {0.5, 10},
                new double[] {0.6, 20},
                new double[] {0.8, 30},
                new double[] {0.85, 70},
                new double[] {0.9, 110});
        assertThat(f.knee().orElseThrow().values()).containsExactly(0.8, 30);
        // Units do not matter.
        ParetoFront micros = front(
                new double[] {50, 0.010}, new double[] {60, 0.020}, new double[] {80, 0.030}, new double[] {90, 0.110});
        assertThat(micros.knee().orElseThrow().values()).containsExactly(80, 0.030);
    }

    @Test
    void anEmptyFrontHasNoneAndASingleMemberIsIt() {
        assertThat(front().knee()).isEmpty();
        assertThat(front(new double[] {0.5, 10}).knee().orElseThrow().values()).containsExactly(0.5, 10);
        // What is over budget is no member.
        assertThat(front(new double[] {0.5, 10}, new double[] {0.9, 2000})
                        .knee()
                        .orElseThrow()
                        .value(0))
                .isEqualTo(0.5);
    }
}
