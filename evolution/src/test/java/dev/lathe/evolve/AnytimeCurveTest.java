package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.ProgressListener;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnytimeCurveTest {
    private static final ToySpace SPACE = new ToySpace(4, 4);
    private static final SearchProblem PROBLEM = SPACE.problem();
    private static final ReferencePoint BOX =
            new ReferencePoint(PROBLEM, List.of(0.0, 3.0, 3000.0), List.of(1.0, 0.0, 0.0));

    private static AnytimeCurve run(double target) {
        AnytimeCurve curve = new AnytimeCurve(new RecordingEvaluator(), PROBLEM, BOX, target);
        try {
            new RandomStrategy().search(PROBLEM, curve, new SearchSettings(200, BOX, 3), ProgressListener.SILENT);
        } catch (AnytimeCurve.TargetReached reached) {
            assertThat(curve.hypervolume(curve.evaluations())).isGreaterThanOrEqualTo(target);
        }
        return curve;
    }

    @Test
    void theCurveIsTheHypervolumeOfEveryPrefix() {
        AnytimeCurve curve = run(Double.POSITIVE_INFINITY);
        RecordingEvaluator again = new RecordingEvaluator();
        new RandomStrategy().search(PROBLEM, again, new SearchSettings(200, BOX, 3), ProgressListener.SILENT);
        List<Evaluation> all = new ArrayList<>(new RecordingEvaluator().evaluate(again.all()));
        assertThat(curve.evaluations()).isEqualTo(200);
        for (int n = 1; n <= 200; n++) {
            assertThat(curve.hypervolume(n)).isCloseTo(BOX.hypervolume(all.subList(0, n)), within(1e-12));
            assertThat(n == 1 || curve.hypervolume(n) >= curve.hypervolume(n - 1))
                    .isTrue();
        }
        double end = curve.hypervolume(200);
        assertThat(curve.evaluationsTo(end).orElseThrow()).isLessThanOrEqualTo(200);
        assertThat(curve.evaluationsTo(end + 1e-9)).isEmpty();
        assertThat(curve.toArray()).hasSize(200);
    }

    @Test
    void theSearchEndsWhereTheTargetIsReached() {
        AnytimeCurve whole = run(Double.POSITIVE_INFINITY);
        double target = whole.hypervolume(80);
        AnytimeCurve cut = run(target);
        assertThat(cut.evaluations()).isEqualTo(whole.evaluationsTo(target).orElseThrow());
    }

    @Test
    void aSecondEvaluationOfOneArchitectureIsRefused() {
        AnytimeCurve curve = new AnytimeCurve(new RecordingEvaluator(), PROBLEM, BOX, Double.POSITIVE_INFINITY);
        Architecture a = SPACE.smallest();
        curve.evaluate(List.of(a));
        assertThatThrownBy(() -> curve.evaluate(List.of(a)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("second time");
    }

    @Test
    void igdPlusCountsOnlyWhatIsWorse() {
        double[][] front = {{0, 1}, {1, 0}};
        assertThat(IgdPlus.of(front, front)).isZero();
        assertThat(IgdPlus.of(new double[][] {{-1, 0.5}, {1, -3}}, front)).isZero();
        assertThat(IgdPlus.of(new double[][] {{0.3, 1.4}}, front)).isCloseTo((0.5 + 1.4) / 2, within(1e-12));
        assertThat(IgdPlus.of(new double[][] {{2, 2}, {0, 1.5}}, front))
                .isLessThan(IgdPlus.of(new double[][] {{2, 2}}, front));
        assertThatThrownBy(() -> IgdPlus.of(new double[0][], front)).isInstanceOf(IllegalArgumentException.class);
    }
}
