package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.supernet.data.Augmentation;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.Datasets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** What the tests of this package share. */
final class Fixtures {
    static final DataSplit DIGITS = Datasets.digits(1);

    private Fixtures() {}

    static SearchSpace space(String name) {
        return SearchSpaces.create(name, DIGITS.shape());
    }

    static TrainingConfig config(int steps) {
        return new TrainingConfig(
                steps,
                16,
                0.003,
                0.02,
                0.1,
                0.1,
                2,
                1,
                new Augmentation(1, 5, 0.05, 0.05, false, Augmentation.Fill.ZERO),
                100,
                7,
                Strategy.SANDWICH);
    }

    static Architecture random(SearchSpace space, long seed) {
        return space.random(Seeds.generator(seed, "test", 0));
    }

    /** Parameters whose gains and offsets are not 1 and 0, so that mixing them up shows. */
    static SharedParameters perturbed(SearchSpace space, long seed) {
        ParameterLayout layout = ParameterLayout.of(space);
        Map<String, float[]> values;
        try (SharedParameters p = SharedParameters.initialize(layout, seed)) {
            values = p.values();
        }
        values.forEach((name, v) -> {
            RandomGenerator r = Seeds.generator(seed, name, 1);
            for (int i = 0; i < v.length; i++) {
                v[i] += 0.1f * (float) r.nextGaussian();
            }
        });
        return SharedParameters.of(layout, values);
    }

    /** Copies the gradients gathered in the parameters. */
    static Map<String, float[]> gradients(SharedParameters p) {
        Map<String, float[]> all = new LinkedHashMap<>();
        p.trained().forEach((name, w) -> {
            try (NDArray g = w.getGradient()) {
                all.put(name, g.toFloatArray());
            }
        });
        return all;
    }

    static void clearGradients(SharedParameters p) {
        p.trained().values().forEach(w -> {
            try (NDArray g = w.getGradient()) {
                g.subi(g.duplicate());
            }
        });
    }

    static Batches.Batch batch(int step) {
        return new Batches(DIGITS, config(100)).of(step);
    }

    static SandwichStep step(SearchSpace space, SharedParameters p) {
        return new SandwichStep(p, new GraphExecutor(p), 0.1, Distillation.KL);
    }

    static float[] run(SearchSpace space, SharedParameters p, Graph graph, Batches.Batch batch) {
        return step(space, p).accumulate(List.of(graph), batch);
    }
}
