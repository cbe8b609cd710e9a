package dev.lathe.graph.quant;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightProvider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A network quantized after training for a runtime: 8-bit weights with a scale per output, 8-bit activations with a scale and a
 * zero point per tensor, 32-bit biases; layer norm, softmax and non-linearities compute in float32 between them. Logits stay
 * float32. Immutable.
 *
 * <p>Unlike {@link QuantizedGraph}, whose every operation is an integer one for microcontrollers, this is what ONNX Runtime
 * executes: {@link #onnx} writes pairs of QuantizeLinear and DequantizeLinear that it fuses into integer kernels, and {@link
 * #run} computes the same in float32 with rounded values ("fake quantization"). Activations are unsigned and weights signed,
 * the combination with the fastest kernels; a processor with AVX2 and without VNNI adds pairs of products in 16 bits there,
 * which may saturate, so that accuracy is to be measured where the file runs.
 *
 * @see <a href="https://arxiv.org/abs/2004.09602">Wu et al., Integer Quantization for Deep Learning Inference, 2020</a>
 */
public final class QdqNetwork {
    /** Weights go from -127 to 127. */
    private static final int MOST_WEIGHT = 127;
    /** Below, a 32-bit float has few digits left. */
    private static final double LEAST_SCALE = 1e-30;

    private final FoldedNetwork folded;
    private final List<@Nullable Quantization> scales;
    private final FloatExecutor rounded;

    private QdqNetwork(FoldedNetwork folded, Calibration ranges) {
        this.folded = folded;
        this.scales = scales(folded.graph(), ranges);
        this.rounded = new FloatExecutor(folded.graph(), roundedWeights());
    }

    /**
     * @param samples of the input's shape, from which the ranges of activations are taken; at least one
     * @param percentile as in {@link Calibration#of}
     * @throws InvalidInputException if the network has no integer form, weights or activations that are not finite, or there is no
     *     sample
     */
    public static QdqNetwork of(Graph graph, WeightProvider weights, List<float[]> samples, double percentile) {
        FoldedNetwork f = FoldedNetwork.of(graph, weights);
        return new QdqNetwork(f, Calibration.of(f.graph(), f.weights(), samples, percentile));
    }

    /** With every range -1..1, for timing: how long a network takes does not depend on them. */
    public static QdqNetwork uncalibrated(Graph graph, WeightProvider weights) {
        FoldedNetwork f = FoldedNetwork.of(graph, weights);
        return new QdqNetwork(f, Calibration.unit(f.graph()));
    }

    /** By tensor id; null for tensors that stay in float32. */
    private static List<@Nullable Quantization> scales(Graph graph, Calibration ranges) {
        Folding readers = new Folding(graph);
        List<@Nullable Quantization> scales = new ArrayList<>();
        for (Tensor t : graph.inputs()) {
            scales.add(affine(ranges, t.id()));
        }
        for (int i = 0; i < graph.nodes().size(); i++) {
            Node n = graph.nodes().get(i);
            int out = n.output().id();
            if (out == graph.output().id() || staysFloat(readers, i, out)) {
                scales.add(null);
            } else if (moves(n.op())) {
                // The same numbers in another order need no rounding of their own.
                scales.add(scales.get(n.inputs().get(0).id()));
            } else {
                scales.add(affine(ranges, out));
            }
        }
        return scales;
    }

    private static Quantization affine(Calibration ranges, int tensor) {
        Quantization q = Quantization.affine(ranges.least(tensor), ranges.most(tensor));
        return new Quantization((float) Math.max(q.scale(), LEAST_SCALE), q.zeroPoint());
    }

    private static boolean moves(Operator op) {
        return op instanceof Operator.Reshape
                || op instanceof Operator.Transpose
                || op instanceof Operator.Slice
                || (op instanceof Operator.Pool2d p && p.kind() == Operator.PoolKind.MAX);
    }

    /** Scores on their way to a softmax, and sums that a ReLU clamps right away. */
    private static boolean staysFloat(Folding readers, int node, int tensor) {
        int reader = readers.onlyReader(tensor);
        if (reader < 0) {
            return false;
        }
        boolean weighted = readers.op(node) instanceof Operator.Conv2d || readers.op(node) instanceof Operator.Linear;
        if (readers.op(reader) instanceof Operator.Softmax || (weighted && Folding.isClamp(readers.op(reader)))) {
            return true;
        }
        int next = readers.op(reader) instanceof Operator.Add ? readers.onlyReader(readers.out(reader)) : -1;
        return next >= 0 && readers.op(next) instanceof Operator.Softmax;
    }

    /**
     * Weights as 8-bit integers.
     *
     * @param values one after the other
     * @param scales of each channel
     */
    record IntegerWeights(byte[] values, float[] scales) {}

    /**
     * A scale for each channel, by its largest magnitude.
     *
     * @param w element (o, i) of channel o at {@code o · channelStep + i · step}
     */
    static IntegerWeights integers(float[] w, int channels, int channelStep, int step) {
        byte[] q = new byte[w.length];
        float[] scales = new float[channels];
        int each = w.length / channels;
        for (int o = 0; o < channels; o++) {
            float most = 0;
            for (int i = 0; i < each; i++) {
                most = Math.max(most, Math.abs(w[o * channelStep + i * step]));
            }
            scales[o] = (float) Math.max(most == 0 ? 1.0 / MOST_WEIGHT : most / MOST_WEIGHT, LEAST_SCALE);
            for (int i = 0; i < each; i++) {
                int at = o * channelStep + i * step;
                q[at] = (byte) Math.max(-MOST_WEIGHT, Math.min(MOST_WEIGHT, Math.rint(w[at] / scales[o])));
            }
        }
        return new IntegerWeights(q, scales);
    }

    /** A bias in units of the products that it is added to. */
    static int integerBias(float bias, float unit) {
        return (int) Math.rint(Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, (double) bias / unit)));
    }

    private WeightProvider roundedWeights() {
        Map<String, float[]> made = new HashMap<>();
        for (Node n : folded.graph().nodes()) {
            if (n.op() instanceof Operator.Conv2d || n.op() instanceof Operator.Linear) {
                var uses = n.op().parameters();
                int outputs = uses.get(0).slice().extent(0);
                float[] w = folded.weights().values(uses.get(0));
                int each = w.length / outputs;
                IntegerWeights q = integers(w, outputs, each, 1);
                float[] r = new float[w.length];
                for (int i = 0; i < r.length; i++) {
                    r[i] = q.values()[i] * q.scales()[i / each];
                }
                made.put(uses.get(0).slice().parameter(), r);
                Quantization x = scales.get(n.inputs().get(0).id());
                // The bias of a matrix product over tokens is added in float32.
                boolean integer = n.op() instanceof Operator.Conv2d
                        || n.inputs().get(0).shape().rank() == 1;
                if (uses.size() > 1 && integer && x != null) {
                    float[] b = folded.weights().values(uses.get(1)).clone();
                    for (int o = 0; o < outputs; o++) {
                        float unit = (float) x.scale() * q.scales()[o];
                        b[o] = (float) ((double) integerBias(b[o], unit) * unit);
                    }
                    made.put(uses.get(1).slice().parameter(), b);
                }
            }
        }
        return use -> {
            float[] v = made.get(use.slice().parameter());
            return v == null ? folded.weights().values(use) : v;
        };
    }

    /** The nearest of the 256 values that a tensor can have. */
    private static float[] round(float[] values, Quantization q) {
        float scale = (float) q.scale();
        float[] r = new float[values.length];
        for (int i = 0; i < r.length; i++) {
            double n = Math.rint(values[i] / scale) + q.zeroPoint();
            r[i] = (float) (Math.max(-128, Math.min(127, n)) - q.zeroPoint()) * scale;
        }
        return r;
    }

    /**
     * The network in float32 where every weight, bias and activation has one of the values that its integers stand for.
     *
     * @param input one sample, row-major
     * @return logits
     */
    public float[] run(float[] input) {
        return rounded.run(input, (FloatExecutor.Rewrite) (t, values) -> {
            Quantization q = scales.get(t);
            return q == null ? values : round(values, q);
        });
    }

    /**
     * The network as an ONNX model whose input and logits are those of the float32 one.
     *
     * @param metadata key and value pairs kept in the file
     */
    public byte[] onnx(Map<String, String> metadata) {
        Map<String, Quantization> byName = new LinkedHashMap<>();
        for (Tensor t : folded.graph().inputs()) {
            put(byName, t);
        }
        folded.graph().nodes().forEach(n -> put(byName, n.output()));
        return QdqWriter.write(OnnxWriter.write(folded.graph(), folded.weights(), metadata), byName);
    }

    private void put(Map<String, Quantization> byName, Tensor t) {
        Quantization q = scales.get(t.id());
        if (q != null) {
            byName.put(t.name(), q);
        }
    }
}
