package dev.lathe.supernet;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.graph.quant.IntegerTensors;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a network is rounded, and by which quantisers of the supernet: at the tensors that its integer form makes, and at
 * the weights of convolutions and linear layers. A quantiser is named after a tensor or parameter of the space, its bit width
 * and its form, so all subnets that have the tensor in that form share it.
 *
 * <p>The integer form has batch normalization folded into the weights. Nothing of that needs imitating: weights have a step for each
 * output, folding multiplies weights and step alike and leaves the integers as they are, and activations are rounded behind
 * normalization and ReLU, where the integer form makes them. So training keeps the statistics of its batches.
 */
final class QuantizationPoints {
    private static final String STEP = ".step";
    private static final String AFFINE_STEP = ".affine-step";
    private static final String AFFINE_OFFSET = ".affine-offset";

    /**
     * Rounding of an activation.
     *
     * @param name of the quantiser, without its parameters' endings
     * @param isSymmetric whether the offset is 0
     * @param bits width of the numbers
     * @param elements of the tensor for one sample
     */
    record Point(String name, boolean isSymmetric, int bits, long elements) {
        LearnedStepSize.Grid grid() {
            return isSymmetric ? LearnedStepSize.Grid.signed(bits) : LearnedStepSize.Grid.unsigned(bits);
        }

        /** Parameter with the step's logarithm. */
        String step() {
            return name + (isSymmetric ? STEP : AFFINE_STEP);
        }

        /** Parameter with the offset, as a share of the range from least to largest number. */
        String offset() {
            return name + AFFINE_OFFSET;
        }

        Point withForm(boolean symmetric) {
            return new Point(name, symmetric, bits, elements);
        }
    }

    private final IntegerTensors tensors;
    private final @Nullable Point[] points;
    private final Map<WeightSlice, Integer> weightBits = new HashMap<>();

    private QuantizationPoints(Graph graph, BitWidth width) {
        tensors = IntegerTensors.of(graph);
        points = new Point[graph.tensors()];
        int[] bits = bits(graph, width);
        for (int t = 0; t < points.length; t++) {
            if (tensors.isRounded(t)) {
                int owner = tensors.owner(t);
                points[t] = new Point(
                        "int%d.activation.%s"
                                .formatted(bits[owner], graph.tensor(owner).name()),
                        tensors.isSymmetric(t),
                        bits[owner],
                        graph.tensor(t).shape().elements());
            }
        }
    }

    static QuantizationPoints of(Graph graph, BitWidth width) {
        return new QuantizationPoints(graph, width);
    }

    /** Bits by owner of a scale; those of weights are noted on the way. */
    private int[] bits(Graph g, BitWidth width) {
        List<Node> weighted =
                g.nodes().stream().filter(IntegerTensors::hasWeights).toList();
        boolean[] wide = new boolean[g.tensors()];
        for (Node n : g.nodes()) {
            boolean outer =
                    !weighted.contains(n) || n.equals(weighted.get(0)) || n.equals(weighted.get(weighted.size() - 1));
            if (weighted.contains(n)) {
                weightBits.put(weight(n), outer ? BitWidth.OUTER_BITS : width.bits());
            }
            for (Tensor t : n.inputs()) {
                boolean handedOn = tensors.owner(n.output().id()) == tensors.owner(t.id());
                wide[tensors.owner(t.id())] |= outer && !handedOn && tensors.exists(t.id());
            }
        }
        int[] bits = new int[wide.length];
        for (int t = 0; t < bits.length; t++) {
            bits[t] = wide[t] ? BitWidth.OUTER_BITS : width.bits();
        }
        return bits;
    }

    static WeightSlice weight(Node n) {
        return n.op() instanceof Operator.Conv2d c ? c.weight() : ((Operator.Linear) n.op()).weight();
    }

    IntegerTensors tensors() {
        return tensors;
    }

    /** How a tensor is rounded, or null where it is not. */
    @Nullable
    Point activation(int tensor) {
        return points[tensor];
    }

    /** All points with the tensors they round, several for one quantiser where constants are added. */
    Map<Integer, Point> activations() {
        Map<Integer, Point> all = new LinkedHashMap<>();
        for (int t = 0; t < points.length; t++) {
            Point p = points[t];
            if (p != null) {
                all.put(t, p);
            }
        }
        return all;
    }

    /** The bit width of each slice of weights. */
    Map<WeightSlice, Integer> weights() {
        return weightBits;
    }

    int weightBits(WeightSlice slice) {
        return Objects.requireNonNull(weightBits.get(slice), () -> "No weights " + slice);
    }

    /** The steps' logarithms of a slice of weights, one for each output. */
    static WeightSlice weightStep(WeightSlice slice, int bits) {
        return WeightSlice.of(
                "int%d.weight.%s%s".formatted(bits, slice.parameter(), STEP),
                slice.ranges().get(0));
    }

    /** Names of all parameters of the quantisers. */
    Set<String> parameters() {
        Set<String> names = new HashSet<>();
        activations().values().forEach(p -> {
            names.add(p.step());
            if (!p.isSymmetric()) {
                names.add(p.offset());
            }
        });
        weightBits.forEach((slice, bits) -> names.add(weightStep(slice, bits).parameter()));
        return names;
    }
}
