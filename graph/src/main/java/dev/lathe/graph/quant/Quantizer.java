package dev.lathe.graph.quant;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.WeightSlice;
import dev.lathe.graph.quant.FixedPoint.Multiplier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Turns a network into 8-bit integers after training: weights symmetric with a scale per output, activations with a scale per
 * tensor from {@link Calibration}, batch norm and layer scale folded into the weights, ReLU into the clamp. Non-linearities
 * become tables of 256 entries; attention, layer norm and sums have integer forms of their own ({@link IntegerOperator}).
 *
 * <p>The same graph, weights and ranges give the same integers on every machine.
 *
 * @see <a href="https://arxiv.org/abs/1712.05877">Jacob et al., Quantization and Training of Neural Networks for Efficient
 *     Integer-Arithmetic-Only Inference, CVPR 2018</a>
 */
public final class Quantizer {
    private static final int MOST_TOKENS = 1023;
    /** Sums of weights by distance, twice, times 127 fit 32 bits. */
    private static final int MOST_BINNED_TOKENS = 511;

    private static final int MOST_HEAD_WIDTH = 128;
    private static final double MOST_RELATIVE = 64;
    private static final double LOG2_E = 1 / StrictMath.log(2);

    private final Graph graph;
    private final Folding folding;
    private final FloatExecutor values;
    private final Quantization[] scales;
    private final Map<WeightSlice, float[]> weightSteps;
    private final boolean[] exists;
    private final List<QuantizedGraph.Step> steps = new ArrayList<>();

    private Quantizer(
            Graph graph,
            WeightProvider weights,
            BiFunction<Graph, ScaleGroups, Quantization[]> scales,
            Map<WeightSlice, float[]> weightSteps) {
        this.graph = graph;
        this.weightSteps = weightSteps;
        folding = new Folding(graph);
        values = new FloatExecutor(graph, weights);
        this.scales = scales.apply(graph, new ScaleGroups(graph, folding));
        exists = new boolean[graph.tensors()];
    }

    /**
     * @param ranges of this graph with these weights
     * @throws InvalidInputException naming the first node that has no integer form
     */
    public static QuantizedGraph quantize(Graph graph, WeightProvider weights, Calibration ranges) {
        return new Quantizer(graph, weights, (g, groups) -> groups.scales(g, ranges), Map.of()).quantize();
    }

    /**
     * By scales that training has chosen. Where a convolution's or a linear layer's weights have no step, the largest weight of each output
     * decides, as after training.
     *
     * @throws InvalidInputException naming the first node that has no integer form
     * @throws IllegalArgumentException if a tensor that exists in integers has no scale, or one that needs the zero point 0 another
     */
    public static QuantizedGraph quantize(Graph graph, WeightProvider weights, LearnedScales scales) {
        return new Quantizer(graph, weights, (g, groups) -> groups.scales(g, scales), scales.weightSteps()).quantize();
    }

    private QuantizedGraph quantize() {
        exists[0] = true;
        for (Folding.Group g : folding.groups()) {
            Folding.Attention a = g.attention();
            try {
                if (a != null) {
                    step(g.nodes(), attention(a), folding.in(a.mix(), 1));
                } else if (folding.isWeighted(g.head())) {
                    step(g.nodes(), weighted(g.nodes()));
                } else {
                    node(g.head());
                }
            } catch (ArithmeticException e) {
                throw new InvalidInputException(
                        "Node %s of %s cannot be quantized: %s; train it, or calibrate with samples like those it will see"
                                .formatted(graph.nodes().get(g.head()).name(), graph.name(), e.getMessage()),
                        e);
            }
        }
        requireLogits();
        List<@Nullable Quantization> kept = new ArrayList<>();
        for (int t = 0; t < scales.length; t++) {
            kept.add(exists[t] ? scales[t] : null);
        }
        return new QuantizedGraph(graph, steps, kept);
    }

    /** 16-bit numbers come from a weighted sum or a mean, and from nothing else. */
    private void requireLogits() {
        IntegerOperator last =
                steps.isEmpty() ? null : steps.get(steps.size() - 1).operator();
        boolean made = !steps.isEmpty()
                && steps.get(steps.size() - 1).output() == graph.output().id();
        if (!made || !(last instanceof IntegerOperator.Weighted || last instanceof IntegerOperator.Mean)) {
            throw new InvalidInputException(
                    "The integer form of %s must end in a linear layer, a convolution or a mean; export it as ONNX"
                            .formatted(graph.name()));
        }
    }

    private void step(List<Integer> nodes, IntegerOperator operator, int... more) {
        int head = nodes.get(0);
        List<Integer> inputs = new ArrayList<>();
        for (Tensor t : graph.nodes().get(head).inputs()) {
            inputs.add(t.id());
        }
        for (int t : more) {
            inputs.add(t);
        }
        int output = folding.out(nodes.get(nodes.size() - 1));
        exists[output] = true;
        steps.add(new QuantizedGraph.Step(head, nodes, inputs, output, operator));
    }

    private void node(int i) {
        Node n = graph.nodes().get(i);
        Operator op = n.op();
        Quantization x = scales[folding.in(i, 0)];
        Quantization y = scales[folding.out(i)];
        List<Integer> self = List.of(i);
        if (op instanceof Operator.LayerNorm l) {
            List<float[]> p = values.parameters(i);
            step(self, NormForm.of(p.get(0), p.get(1), l.epsilon(), x, y));
        } else if (op instanceof Operator.Add) {
            step(self, sum(x, scales[folding.in(i, 1)], y));
        } else if (op instanceof Operator.AddTable || op instanceof Operator.SinusoidalPositions) {
            float[] table = op instanceof Operator.SinusoidalPositions s
                    ? s.table(n.output().shape().extent(0), n.output().shape().extent(1))
                    : values.parameters(i).get(0);
            step(self, new IntegerOperator.Table(y.quantize(table)));
        } else if (op instanceof Operator.PrependToken) {
            step(
                    self,
                    new IntegerOperator.Prepend(y.quantize(values.parameters(i).get(0))));
        } else if (op instanceof Operator.Activate a) {
            step(self, lookup(a.function(), x, y));
        } else if (op instanceof Operator.Zero) {
            byte[] table = new byte[256];
            Arrays.fill(table, (byte) y.zeroPoint());
            step(self, new IntegerOperator.Lookup(table));
        } else if (op instanceof Operator.Reshape
                || op instanceof Operator.Transpose
                || (op instanceof Operator.Slice s && s.axis() == 0)) {
            step(self, new IntegerOperator.Move());
        } else if (op instanceof Operator.GlobalAveragePool || op instanceof Operator.MeanTokens) {
            long count =
                    n.inputs().get(0).shape().elements() / n.output().shape().elements();
            boolean wide = folding.out(i) == graph.output().id();
            step(
                    self,
                    new IntegerOperator.Mean(
                            Multiplier.of(x.scale() / (y.scale() * count)),
                            x.zeroPoint(),
                            y.zeroPoint(),
                            wide ? Short.MIN_VALUE : Byte.MIN_VALUE,
                            wide ? Short.MAX_VALUE : Byte.MAX_VALUE));
        } else if (op instanceof Operator.Pool2d p) {
            step(self, pool(p, x, y));
        } else if (op instanceof Operator.Gate) {
            Quantization g = scales[folding.in(i, 1)];
            Multiplier factor = Multiplier.of(x.scale() * g.scale() / y.scale());
            step(self, new IntegerOperator.Gating(factor, x.zeroPoint(), g.zeroPoint(), y.zeroPoint()));
        } else {
            throw FloatExecutor.unsupported(graph, n);
        }
    }

    private IntegerOperator.Weighted weighted(List<Integer> nodes) {
        int head = nodes.get(0);
        Operator last = folding.op(nodes.get(nodes.size() - 1));
        int output = folding.out(nodes.get(nodes.size() - 1));
        Quantization x = scales[folding.in(head, 0)];
        Quantization y = scales[output];
        float[] w = values.parameters(head).get(0);
        int outputs = w.length;
        float[] steps = null;
        if (folding.op(head) instanceof Operator.Conv2d c) {
            outputs = c.weight().extent(0);
            steps = weightSteps.get(c.weight());
        } else if (folding.op(head) instanceof Operator.Linear l) {
            outputs = l.weight().extent(0);
            steps = weightSteps.get(l.weight());
        } else {
            w = new float[outputs];
            Arrays.fill(w, 1);
        }
        double[][] affine = folding.affine(nodes, outputs, values);
        int k = w.length / outputs;
        if (k >= 130_000) {
            throw new ArithmeticException("a sum of " + k + " products may not fit 32 bits");
        }
        byte[] q = new byte[w.length];
        int[] bias = new int[outputs];
        int[] multiplier = new int[outputs];
        int[] shift = new int[outputs];
        boolean wide = output == graph.output().id();
        for (int o = 0; o < outputs; o++) {
            double most = 0;
            for (int i = 0; i < k; i++) {
                most = Math.max(most, Math.abs(w[o * k + i] * affine[0][o]));
            }
            // What is folded multiplies an output's weights and their step alike: the integers stay those of training.
            double wanted = steps == null ? most / 127 : Math.abs(steps[o] * affine[0][o]);
            // A bias that dwarfs its weights, or weights of zero, must not make the scale so small that the bias
            // overflows.
            double scale = Math.max(
                    Math.max(wanted, Math.abs(affine[1][o]) / (x.scale() * (1 << 29))),
                    y.scale() / x.scale() * 0x1p-28);
            long sum = 0;
            for (int i = 0; i < k; i++) {
                int v = FixedPoint.clamp((int) Math.round(w[o * k + i] * affine[0][o] / scale), -127, 127);
                q[o * k + i] = (byte) v;
                sum += v;
            }
            long b = Math.round(affine[1][o] / (x.scale() * scale)) - x.zeroPoint() * sum;
            Multiplier m = Multiplier.of(x.scale() * scale / y.scale());
            double reach = (Math.abs(b) + k * 128.0 * 127) * (x.scale() * scale / y.scale());
            if (Math.abs(b) + k * 128L * 127 > Integer.MAX_VALUE || reach > 0x1p30) {
                throw new ArithmeticException("output " + o + " may not fit 32 bits");
            }
            bias[o] = (int) b;
            multiplier[o] = m.value();
            shift[o] = m.shift();
        }
        int low = wide ? Short.MIN_VALUE : Byte.MIN_VALUE;
        int high = wide ? Short.MAX_VALUE : Byte.MAX_VALUE;
        if (last instanceof Operator.Activate a) {
            low = y.zeroPoint();
            high = a.function() == Activation.RELU6
                    ? (int) Math.min(high, Math.round(6 / y.scale()) + y.zeroPoint())
                    : high;
        }
        return new IntegerOperator.Weighted(
                inputsLast(folding.op(head), q), bias, multiplier, shift, y.zeroPoint(), low, high);
    }

    /** (outputs, inputs, rows, columns) to (outputs, rows, columns, inputs). */
    private static byte[] inputsLast(Operator op, byte[] q) {
        if (!(op instanceof Operator.Conv2d c)) {
            return q;
        }
        int inputs = c.weight().extent(1);
        int taps = c.kernelY() * c.kernelX();
        byte[] r = new byte[q.length];
        for (int o = 0; o < c.weight().extent(0); o++) {
            for (int i = 0; i < inputs; i++) {
                for (int t = 0; t < taps; t++) {
                    r[(o * taps + t) * inputs + i] = q[(o * inputs + i) * taps + t];
                }
            }
        }
        return r;
    }

    private static IntegerOperator.Sum sum(Quantization a, Quantization b, Quantization y) {
        double left = a.scale() / y.scale();
        double right = b.scale() / y.scale();
        int shift = Math.min(30, 21 - Math.getExponent(Math.max(left, right)));
        if (shift < 1) {
            throw new ArithmeticException("the scales of its operands are too far from the result's");
        }
        return new IntegerOperator.Sum(
                (int) Math.round(Math.scalb(left, shift)),
                (int) Math.round(Math.scalb(right, shift)),
                shift,
                y.zeroPoint());
    }

    private static IntegerOperator.Lookup lookup(Activation function, Quantization x, Quantization y) {
        byte[] table = new byte[256];
        for (int i = 0; i < 256; i++) {
            table[i] = (byte) y.quantize(FloatKernels.activate(function, x.real(i - 128)));
        }
        return new IntegerOperator.Lookup(table);
    }

    private static IntegerOperator pool(Operator.Pool2d p, Quantization x, Quantization y) {
        if (p.kind() == Operator.PoolKind.MAX) {
            return new IntegerOperator.MaxPool();
        }
        int window = p.kernelY() * p.kernelX();
        List<Multiplier> factors = new ArrayList<>();
        for (int n = 1; n <= window; n++) {
            factors.add(Multiplier.of(x.scale() / (y.scale() * (p.countPadding() ? window : n))));
        }
        return new IntegerOperator.AveragePool(factors, x.zeroPoint(), y.zeroPoint());
    }

    private IntegerOperator.Attention attention(Folding.Attention a) {
        int scores = a.scores();
        int mix = a.mix();
        Tensor keys = graph.nodes().get(scores).inputs().get(1);
        int most = a.nearValues() < 0 ? MOST_TOKENS : MOST_BINNED_TOKENS;
        if (keys.shape().extent(1) > most || keys.shape().extent(2) > MOST_HEAD_WIDTH) {
            throw new InvalidInputException(
                    "Attention %s of %s is over %s tokens of width %s; its integer form takes at most %d of %d"
                            .formatted(
                                    graph.nodes().get(scores).name(),
                                    graph.name(),
                                    keys.shape().extent(1),
                                    keys.shape().extent(2),
                                    most,
                                    MOST_HEAD_WIDTH));
        }
        double factor = ((Operator.MatMul) folding.op(scores)).scale();
        double mixed = ((Operator.MatMul) folding.op(mix)).scale();
        Quantization q = scales[folding.in(scores, 0)];
        Quantization k = scales[folding.in(scores, 1)];
        Quantization v = scales[folding.in(mix, 1)];
        Quantization o = scales[folding.out(a.all().get(a.all().size() - 1))];
        IntegerOperator.Relative near = a.near() >= 0 && folding.op(a.near()) instanceof Operator.RelativeKeys r
                ? relative(a.near(), r.columns(), r.clip(), k.scale() * factor / r.scale())
                : null;
        IntegerOperator.Relative nearValues =
                a.nearValues() >= 0 && folding.op(a.nearValues()) instanceof Operator.RelativeValues r
                        ? relative(a.nearValues(), r.columns(), r.clip(), v.scale() * mixed)
                        : null;
        return new IntegerOperator.Attention(
                Multiplier.of(q.scale() * k.scale() * factor * LOG2_E * 256),
                Multiplier.of(v.scale() * mixed / o.scale() * 0x1p-16),
                near,
                nearValues);
    }

    /** Both tables with one scale. */
    private IntegerOperator.Relative relative(int node, int columns, int clip, double scale) {
        float[] vertical = values.parameters(node).get(0);
        float[] horizontal = values.parameters(node).get(1);
        double most = 0;
        for (int i = 0; i < vertical.length; i++) {
            most = Math.max(most, Math.max(Math.abs(vertical[i]), Math.abs(horizontal[i])));
        }
        Quantization q = Quantization.symmetric(-most, most);
        // So that both parts of a result still fit 32 bits together.
        if (q.scale() / scale > MOST_RELATIVE) {
            throw new ArithmeticException("its relative positions dwarf what they are added to");
        }
        // A table of zeros may be far below the scale: any factor will do.
        double ratio = Math.max(q.scale() / scale, 0x1p-28);
        return new IntegerOperator.Relative(
                q.quantize(vertical), q.quantize(horizontal), columns, clip, Multiplier.of(ratio));
    }
}
