package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import dev.lathe.base.ProgressListener;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelOrderTest {
    @TempDir
    Path folder;

    private static AdamW optimizer(SharedParameters p) {
        return new AdamW(p, 0, 0, false);
    }

    private static float[] logits(SearchSpace space, SharedParameters p, Graph graph) {
        float[] in = Fixtures.DIGITS.normalization().standardized(Fixtures.DIGITS.validation(), 0, 16);
        try (NDManager m = p.manager().newSubManager()) {
            // By the batch's own statistics, which are those of the channels wherever these stand.
            return new GraphExecutor(p)
                    .train(graph, List.of(m.create(in, new ai.djl.ndarray.types.Shape(16, 1, 8, 8))), NodeOutputs.SAME)
                    .toFloatArray();
        }
    }

    /** Sums of absolute values by input. */
    private static double[] importance(float[] weight, int[] extents) {
        double[] sums = new double[extents[1]];
        int inner = weight.length / extents[0] / extents[1];
        for (int i = 0; i < weight.length; i++) {
            sums[i / inner % extents[1]] += Math.abs(weight[i]);
        }
        return sums;
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void givenNetworks_whenReordered_thenTheLargestComputesTheSameAndChannelsStandByImportance(String name) {
        SearchSpace space = Fixtures.space(name);
        try (SharedParameters p = Fixtures.perturbed(space, 4)) {
            Graph largest = space.lower(space.largest());
            ChannelOrder order = new ChannelOrder(space, p.layout());
            assertThat(order.readers()).isNotEmpty();
            float[] wanted = logits(space, p, largest);
            Map<String, float[]> before = p.values();
            order.apply(p, optimizer(p), largest);
            GraphExecutorTest.assertClose(logits(space, p, largest), wanted, 1e-5, name);
            Map<String, float[]> after = p.values();
            p.trained()
                    .forEach((parameter, array) -> assertThat(Arrays.equals(array.toFloatArray(), after.get(parameter)))
                            .as("both views of " + parameter)
                            .isTrue());
            for (String reader : order.readers()) {
                float[] weight = Objects.requireNonNull(after.get(reader));
                assertThat(Arrays.equals(weight, before.get(reader))).as(reader).isFalse();
                double[] sums = importance(weight, p.layout().get(reader).extents());
                for (int i = 1; i < sums.length; i++) {
                    assertThat(sums[i]).as(reader).isLessThanOrEqualTo(sums[i - 1] + 1e-4);
                }
            }
        }
    }

    /** Whatever kernel, depth and outer width: only the inner widths must be whole. */
    @Test
    void givenNetworksOfFullInnerWidth_whenReordered_thenTheyComputeTheSame() {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        try (SharedParameters p = Fixtures.perturbed(space, 5)) {
            int[] choices = space.largest().choices();
            Map<Architecture, float[]> wanted = new HashMap<>();
            for (int i = 0; i < choices.length; i++) {
                String d = space.decisions().get(i).name();
                if (d.endsWith("kernel") || d.endsWith("depth")) {
                    int[] other = choices.clone();
                    other[i] = 0;
                    Architecture a = space.canonical(Architecture.of(space.name(), other));
                    wanted.put(a, logits(space, p, space.lower(a)));
                }
            }
            new ChannelOrder(space, p.layout()).apply(p, optimizer(p), space.lower(space.largest()));
            wanted.forEach(
                    (a, w) -> GraphExecutorTest.assertClose(logits(space, p, space.lower(a)), w, 1e-5, a.toString()));
        }
    }

    @Test
    void givenANarrowNetwork_whenReordered_thenItsChannelsStayAheadOfTheOthers() {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        Graph smallest = space.lower(space.smallest());
        try (SharedParameters p = Fixtures.perturbed(space, 6)) {
            Map<String, float[]> before = p.values();
            ChannelOrder order = new ChannelOrder(space, p.layout());
            order.apply(p, optimizer(p), smallest);
            Map<String, float[]> after = p.values();
            int compared = 0;
            for (Node n : smallest.nodes()) {
                WeightSlice w = InnerChannels.dense(n);
                if (w != null && order.readers().contains(w.parameter())) {
                    int[] extents = p.layout().get(w.parameter()).extents();
                    double[] old = importance(Objects.requireNonNull(before.get(w.parameter())), extents);
                    double[] now = importance(Objects.requireNonNull(after.get(w.parameter())), extents);
                    double[] kept = Arrays.copyOf(old, w.extent(1));
                    Arrays.sort(kept);
                    double[] first = Arrays.copyOf(now, w.extent(1));
                    Arrays.sort(first);
                    for (int i = 0; i < kept.length; i++) {
                        assertThat(first[i]).isCloseTo(kept[i], org.assertj.core.api.Assertions.within(1e-4));
                    }
                    compared++;
                }
            }
            assertThat(compared).isPositive();
        }
    }

    /** Squeeze-and-excitation lies between both matrices of a block: each of its matrices has places, too. */
    @Test
    void givenBlocksWithSqueezeAndExcitation_whenTraced_thenItsMatricesArePermutedToo() {
        SearchSpace space = SearchSpaces.create("ofa-mobilenetv3", new TaskShape(3, 64, 64, 10));
        Map<String, java.util.Set<InnerChannels.Place>> groups = InnerChannels.of(space.lower(space.largest()));
        assertThat(groups.values()).anySatisfy(places -> {
            // Projection, depthwise filters and expansion, two normalizations of two, both matrices and a bias of the
            // squeeze.
            assertThat(places).hasSize(3 + 4 + 3);
            assertThat(places.stream().filter(pl -> pl.axis() == 1)).hasSize(2);
        });
    }

    @Test
    void givenAStoppedTraining_whenResumedAtAnyStep_thenItEndsWithTheSameBits() throws IOException {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        TrainingConfig config = Fixtures.config(13)
                .withStrategy(Strategy.PROGRESSIVE_SHRINKING)
                .withShrinking(new ShrinkingOptions(true, true));
        ProgressiveShrinking shrinking = new ProgressiveShrinking(13, 2);
        int[] openings = java.util.stream.IntStream.range(0, 13)
                .filter(s -> shrinking.narrowestBefore(space, s) != null)
                .toArray();
        assertThat(openings).hasSize(2);
        byte[] through = trained(space, config, 13, "through");
        // Stopped right before channels are put in order, and right after.
        assertThat(trained(space, config, openings[0], "before")).isEqualTo(through);
        assertThat(trained(space, config, openings[0] + 1, "behind")).isEqualTo(through);
        assertThat(trained(space, config.withShrinking(new ShrinkingOptions(true, false)), 13, "other"))
                .isNotEqualTo(through);
    }

    private byte[] trained(SearchSpace space, TrainingConfig config, int stop, String name) throws IOException {
        Path out = folder.resolve(name);
        try (SupernetTrainer t = SupernetTrainer.start(space, Fixtures.DIGITS, config, out)) {
            t.runTo(stop, ProgressListener.SILENT);
        }
        try (SupernetTrainer t = SupernetTrainer.resume(space, Fixtures.DIGITS, config, out)) {
            t.run(ProgressListener.SILENT);
        }
        return Files.readAllBytes(out.resolve(SupernetTrainer.CHECKPOINT));
    }
}
