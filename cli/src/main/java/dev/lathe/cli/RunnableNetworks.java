package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.device.OnnxModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightProvider;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.Task;
import dev.lathe.space.TaskShape;
import dev.lathe.space.TranslationTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Whether networks of every space are ones that a runtime takes: written as ONNX, run by ONNX Runtime, shapes compared. */
final class RunnableNetworks {
    private static final int BATCH = 2;
    private static final int POOL = 1 << 16;

    /** Sides of images, smallest first: a space may not take all of them. */
    private static final int[] SIDES = {32, 64, 96, 128, 160, 224, 240};

    private RunnableNetworks() {}

    /** The space for a task of its kind that is as small as it takes, for speed. */
    static SearchSpace reduced(String name) {
        Task usual = SearchSpaces.usualTask(name);
        if (usual instanceof TranslationTask t) {
            int target = t.sourceVocabulary() == t.targetVocabulary() ? 97 : 89;
            return SearchSpaces.create(
                    name,
                    new TranslationTask(97, target, Math.min(8, t.sourceLength()), Math.min(7, t.targetLength())));
        }
        if (usual instanceof TaskShape t && t.channels() == 3) {
            for (int side : SIDES) {
                try {
                    return SearchSpaces.create(name, new TaskShape(t.channels(), side, side, 10));
                } catch (InvalidInputException e) {
                    // Too small for this space; a larger one follows.
                }
            }
        }
        return SearchSpaces.create(name, usual);
    }

    /**
     * Runs random networks of a space.
     *
     * @return how many gave finite values of the shape that the graph promises; all, or a message says which did not
     * @throws IllegalStateException naming the first network that did not
     */
    static int run(SearchSpace space, int networks, ProgressListener progress) {
        RandomGenerator random = Seeds.generator(1, "runnable " + space.name(), 0);
        WeightProvider weights = pooled();
        for (int i = 0; i < networks; i++) {
            Architecture a = space.random(random);
            Graph graph = space.lower(a);
            List<float[]> inputs = new ArrayList<>();
            for (Tensor t : graph.inputs()) {
                float[] v = new float[(int) t.shape().elements() * BATCH];
                for (int j = 0; j < v.length; j++) {
                    v[j] = graph.isTokenInput(t) ? random.nextInt(80) : random.nextFloat();
                }
                inputs.add(v);
            }
            byte[] file = OnnxWriter.write(graph, weights, Map.of());
            try (OnnxModel model = OnnxModel.load(file, a.toString())) {
                float[] out = model.run(inputs, BATCH);
                if (out.length != BATCH * graph.output().shape().elements()) {
                    throw new IllegalStateException("%s gives %d values for %d samples, not of shape %s"
                            .formatted(a, out.length, BATCH, graph.output().shape()));
                }
                for (float v : out) {
                    if (!Float.isFinite(v)) {
                        throw new IllegalStateException("%s gives %s".formatted(a, v));
                    }
                }
            }
            progress.report("running " + space.name(), i + 1, networks, "");
        }
        return networks;
    }

    /** Weights from one pool of random values, scaled to keep activations in range. */
    private static WeightProvider pooled() {
        RandomGenerator random = Seeds.generator(1, "runnable weights", 0);
        float[] pool = new float[POOL];
        for (int i = 0; i < POOL; i++) {
            pool[i] = (float) random.nextGaussian();
        }
        return use -> {
            float[] v = new float[Math.toIntExact(use.slice().elements())];
            double fan = Math.max(1.0, (double) v.length / use.slice().extent(0));
            float scale = use.role() == ParameterUse.Role.WEIGHT ? (float) Math.sqrt(2 / fan) : 0.02f;
            int from = Math.floorMod(use.slice().hashCode(), POOL);
            for (int i = 0; i < v.length; i++) {
                float p = pool[(from + i) & (POOL - 1)];
                v[i] = switch (use.role()) {
                    case SCALE -> 1;
                    case RUNNING_VARIANCE -> 1 + p * p;
                    default -> scale * p;
                };
            }
            return v;
        };
    }
}
