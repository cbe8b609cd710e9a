package dev.lathe.predict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.base.Seeds;
import dev.lathe.graph.Activation;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeaturesTest {
    private static final TaskShape DIGITS = new TaskShape(1, 8, 8, 10);

    private static Map<String, Double> named(double[] values) {
        Map<String, Double> map = new LinkedHashMap<>();
        IntStream.range(0, values.length)
                .forEach(i -> map.put(GraphFeatures.names().get(i), values[i]));
        return map;
    }

    @Test
    void aSmallGraphHasTheFeaturesCountedByHand() {
        GraphBuilder g = new GraphBuilder("by hand");
        Tensor x = g.input("image", 2, 4, 4);
        Tensor a = g.add("dense", new Operator.Conv2d(WeightSlice.first("d", 6, 2, 3, 3), null, 1, 1, 1), x);
        Tensor b = g.add("relu", new Operator.Activate(Activation.RELU), a);
        Tensor c = g.add("dw", new Operator.Conv2d(WeightSlice.first("w", 6, 1, 3, 3), null, 1, 1, 6), b);
        Tensor d = g.add("pw", new Operator.Conv2d(WeightSlice.first("p", 6, 6, 1, 1), null, 1, 0, 1), c);
        Tensor e = g.add("sum", new Operator.Add(), d, a);
        Tensor f = g.add("pool", new Operator.GlobalAveragePool(), e);
        Tensor y = g.add("fc", new Operator.Linear(WeightSlice.first("f", 3, 6), WeightSlice.first("fb", 3)), f);
        Map<String, Double> v = named(GraphFeatures.of(g.build(y), 777));

        assertThat(v)
                .containsEntry("convDense.macs", 96.0 * 18)
                .containsEntry("convDepthwise.macs", 96.0 * 9)
                .containsEntry("convPointwise.macs", 96.0 * 6)
                .containsEntry("linear.macs", 18.0)
                .containsEntry("graph.macs", 96.0 * 33 + 18)
                .containsEntry("graph.parameters", 108.0 + 54 + 36 + 18 + 3)
                .containsEntry("graph.nodes", 7.0)
                .containsEntry("graph.depth", 7.0)
                .containsEntry("graph.largestTensorElements", 96.0)
                .containsEntry("graph.peakActivationBytes", 777.0)
                // Read and written elements of the seven nodes, four bytes each.
                .containsEntry("graph.movedBytes", 4.0 * (128 + 192 + 192 + 192 + 288 + 102 + 9))
                .containsEntry("activate_relu.count", 1.0)
                .containsEntry("activate_relu.elements", 96.0)
                .containsEntry("activate_gelu.count", 0.0)
                .containsEntry("add.elements", 96.0)
                .containsEntry("pool.elements", 6.0)
                .containsEntry("linear.elements", 3.0);
    }

    @Test
    void depthIsTheLongestChainNotTheNumberOfNodes() {
        GraphBuilder g = new GraphBuilder("fork");
        Tensor x = g.input("image", 2, 2, 2);
        Tensor a = g.add("left", new Operator.Activate(Activation.RELU), x);
        Tensor b = g.add("right", new Operator.Activate(Activation.GELU), x);
        Tensor y = g.add("sum", new Operator.Add(), a, b);
        assertThat(named(GraphFeatures.of(g.build(y), 0)))
                .containsEntry("graph.nodes", 3.0)
                .containsEntry("graph.depth", 2.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void familiesAddUpToTheWholeForEveryNetwork(String name) {
        SearchSpace space = SearchSpaces.create(name, DIGITS);
        RandomGenerator random = Seeds.generator(5, "features", 0);
        for (int i = 0; i < 300; i++) {
            Graph graph = space.lower(space.random(random));
            double[] values = GraphFeatures.of(graph, 0);
            Map<String, Double> v = named(values);
            double counts = 0;
            double macs = 0;
            double elements = 0;
            for (var e : v.entrySet()) {
                counts += e.getKey().endsWith(".count") ? e.getValue() : 0;
                elements += e.getKey().endsWith(".elements") ? e.getValue() : 0;
                macs += e.getKey().endsWith(".macs") && !e.getKey().startsWith("graph") ? e.getValue() : 0;
            }
            assertThat(counts).isEqualTo(graph.nodes().size());
            assertThat(macs).isEqualTo(CostModel.of(graph).macs()).isEqualTo(v.get("graph.macs"));
            assertThat(elements)
                    .isEqualTo(graph.nodes().stream()
                            .mapToLong(n -> n.output().shape().elements())
                            .sum());
            assertThat(Arrays.stream(values)).allMatch(Double::isFinite);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void equalNetworksHaveEqualFeaturesAndTheDecisionsComeFirst(String name) {
        SearchSpace space = SearchSpaces.create(name, DIGITS);
        ArchitectureFeatures features = new ArchitectureFeatures(space);
        assertThat(new HashSet<>(features.names())).hasSameSizeAs(features.names());
        RandomGenerator random = Seeds.generator(6, "features", 0);
        int decisions = space.decisions().size();
        for (int i = 0; i < 200; i++) {
            int[] choices = space.decisions().stream()
                    .mapToInt(d -> random.nextInt(d.size()))
                    .toArray();
            Architecture raw = Architecture.of(name, choices);
            Architecture canonical = space.canonical(raw);
            double[] values = features.of(raw);
            assertThat(values).hasSize(features.names().size()).isEqualTo(features.of(canonical));
            for (int d = 0; d < decisions; d++) {
                assertThat(values[d]).isEqualTo(space.decisions().get(d).value(canonical.choice(d)));
                assertThat(features.names().get(d))
                        .isEqualTo("decision." + space.decisions().get(d).name());
            }
            Graph graph = space.lower(canonical);
            assertThat(Arrays.copyOfRange(values, decisions, values.length))
                    .isEqualTo(GraphFeatures.of(graph, MemoryPlanner.peakBytes(graph, 4)));
        }
    }
}
