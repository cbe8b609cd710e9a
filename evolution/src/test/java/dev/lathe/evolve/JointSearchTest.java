package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.base.ProgressListener;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import dev.lathe.space.fbnetv3.FbnetV3Space;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** FBNetV3's joint search: a point is a network and its training recipe, and what predicts its accuracy is given both. */
class JointSearchTest {
    private static final SearchSpace SPACE = new FbnetV3Space(new TaskShape(3, 32, 32, 10));
    private static final List<String> METRICS = List.of("top1", "size");
    private static final int RECIPE = 7;

    /** Accuracy grows with the network; larger networks want more regularisation, and every one a learning rate of 0.025. */
    private static double[] score(Architecture a) {
        double size = 0;
        int network = a.length() - RECIPE;
        for (int i = 0; i < network; i++) {
            size += a.choice(i) / (double) Math.max(1, SPACE.decisions().get(i).size() - 1) / network;
        }
        Map<String, Double> r = SPACE.recipe(a);
        double rate = (r.get("learningRate") - 0.025) / 0.005;
        double dropout = r.get("dropout") - 0.31 * size;
        return new double[] {0.5 + 0.4 * size - 0.1 * rate * rate - dropout * dropout + 0.05 * r.get("ema"), size};
    }

    @Test
    void networksAndRecipesAreFoundTogether() {
        SearchProblem problem = new SearchProblem(
                SPACE, METRICS, List.of(Objective.maximize("top1"), Objective.minimize("size")), List.of());
        ReferencePoint box = new ReferencePoint(problem, List.of(0.3, 1.0), List.of(1.0, 0.0));
        RecordingEvaluator joint = new RecordingEvaluator(METRICS, JointSearchTest::score);
        SearchResult found =
                new Nsga2Strategy(50).search(problem, joint, new SearchSettings(6000, box, 1), ProgressListener.SILENT);
        for (Evaluation e : found.front()) {
            Map<String, Double> r = SPACE.recipe(e.architecture());
            assertThat(r.get("learningRate")).isBetween(0.024, 0.026);
            assertThat(r.get("ema")).isEqualTo(1.0);
            int[] choices = e.architecture().choices();
            java.util.Arrays.fill(choices, choices.length - RECIPE, choices.length, 0);
            double fixed = score(Architecture.of(SPACE.name(), choices))[0];
            assertThat(e.value(0)).isGreaterThan(fixed);
        }
        assertThat(found.front().size()).isGreaterThan(10);
        double smallRecipe = dropoutOf(found.front().get(found.front().size() - 1));
        double largeRecipe = dropoutOf(found.front().get(0));
        assertThat(largeRecipe).isGreaterThan(smallRecipe + 0.05);
    }

    private static double dropoutOf(Evaluation e) {
        return SPACE.recipe(e.architecture()).get("dropout");
    }
}
