package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.lathe.device.OnnxModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.ParameterUse;
import dev.lathe.space.Architecture;
import dev.lathe.space.TranslationTask;
import dev.lathe.space.hat.HatSettings;
import dev.lathe.space.hat.HatSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Translators: a network on slices of the supernet gives what its exported file gives, with tied and with own matrices. */
class HatReadersTest {
    private static final int BATCH = 2;
    private static final TranslationTask TASK = new TranslationTask(40, 40, 6, 5);

    private static HatSettings settings(boolean joint) {
        return new HatSettings(
                "small", "of HAT's structure", List.of(16, 24), 3, 3, List.of(16, 32), List.of(2, 4), 16, joint, TASK);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void executorAndOnnxRuntimeAgree(boolean joint) {
        HatSpace space = new HatSpace(settings(joint), TASK);
        SplittableRandom random = new SplittableRandom(2);
        ParameterLayout layout = ParameterLayout.of(space);
        assertThat(layout.get("decoder0.cross.qkv.weight").extents()).containsExactly(48, 24);
        assertThat(layout.entries().values().stream().filter(e -> e.role() == ParameterUse.Role.EMBEDDING))
                .hasSize(joint ? 1 : 2);
        try (SharedParameters p = SharedParameters.initialize(layout, 1)) {
            for (int i = 0; i < 8; i++) {
                Architecture a = i == 0 ? space.largest() : space.random(random);
                Graph graph = space.lower(a);
                List<float[]> tokens = List.of(tokens(random, 6), tokens(random, 5));
                float[] theirs;
                byte[] file = OnnxWriter.write(graph, p::values, Map.of());
                try (OnnxModel model = OnnxModel.load(file, graph.name())) {
                    theirs = model.run(tokens, BATCH);
                }
                float[] ours = run(p, graph, tokens);
                assertThat(ours).hasSize(BATCH * 5 * 40).hasSameSizeAs(theirs);
                for (int j = 0; j < ours.length; j++) {
                    assertThat((double) ours[j]).as("%s %d", a, j).isCloseTo(theirs[j], within(1e-4));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPositionSeesNoLaterTargetToken(boolean joint) {
        HatSpace space = new HatSpace(settings(joint), TASK);
        SplittableRandom random = new SplittableRandom(3);
        try (SharedParameters p = SharedParameters.initialize(ParameterLayout.of(space), 1)) {
            Graph graph = space.lower(space.largest());
            float[] source = tokens(random, 6);
            float[] target = tokens(random, 5);
            float[] before = run(p, graph, List.of(source, target));
            target[3] = (target[3] + 1) % 40;
            float[] after = run(p, graph, List.of(source, target));
            for (int j = 0; j < 3 * 40; j++) {
                assertThat((double) after[j]).isCloseTo(before[j], within(1e-6));
            }
            assertThat(after[3 * 40]).isNotEqualTo(before[3 * 40]);
        }
    }

    private static float[] tokens(SplittableRandom random, int length) {
        float[] v = new float[BATCH * length];
        for (int i = 0; i < v.length; i++) {
            v[i] = random.nextInt(40);
        }
        return v;
    }

    private static float[] run(SharedParameters p, Graph graph, List<float[]> tokens) {
        try (NDManager m = p.manager().newSubManager()) {
            List<NDArray> inputs = new ArrayList<>();
            for (float[] t : tokens) {
                inputs.add(m.create(t, new Shape(BATCH, t.length / BATCH)));
            }
            return new GraphExecutor(p)
                    .forward(graph, inputs, GraphExecutor.Mode.EVALUATE, null)
                    .toFloatArray();
        }
    }
}
