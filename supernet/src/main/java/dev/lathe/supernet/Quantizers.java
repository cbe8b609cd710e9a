package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.WeightSlice;
import dev.lathe.graph.quant.Quantization;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.supernet.QuantizationPoints.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The quantisers of a supernet: which there are, and where they start. They are parameters like others: one step, or step and
 * offset, for each tensor, form and bit width, and a step for each output of each weight.
 */
final class Quantizers {
    /** Random networks that are looked at for tensors that the covering ones do not have. */
    private static final int LOOKED_AT = 64;
    /** Values of a tensor, or of an output's weights, on which a step is chosen. */
    private static final int SAMPLE = 4096;

    private Quantizers() {}

    /** The space's parameters, and behind them those of the quantisers. */
    static ParameterLayout layout(SearchSpace space, BitWidth width) {
        ParameterLayout weights = ParameterLayout.of(space);
        Map<String, ParameterLayout.Entry> more = new LinkedHashMap<>();
        for (Architecture a : sources(space, width)) {
            QuantizationPoints points = QuantizationPoints.of(space.lower(a), width);
            for (Point p : points.activations().values()) {
                for (Point form : forms(p)) {
                    more.put(form.step(), new ParameterLayout.Entry(ParameterUse.Role.SCALE, new int[] {1}));
                    if (!form.isSymmetric()) {
                        more.put(form.offset(), new ParameterLayout.Entry(ParameterUse.Role.SHIFT, new int[] {1}));
                    }
                }
            }
            points.weights().forEach((slice, bits) -> {
                int outputs = weights.get(slice.parameter()).extents()[0];
                String name = QuantizationPoints.weightStep(slice, bits).parameter();
                more.put(name, new ParameterLayout.Entry(ParameterUse.Role.SCALE, new int[] {outputs}));
            });
        }
        return weights.with(more);
    }

    /** A tensor may need the zero point 0 in one subnet and not in another. */
    private static List<Point> forms(Point p) {
        return List.of(p.withForm(true), p.withForm(false));
    }

    /** Architectures that have all quantisers between them: the covering ones, and random ones that add some. */
    static List<Architecture> sources(SearchSpace space, BitWidth width) {
        List<Architecture> candidates = new ArrayList<>(space.covering());
        candidates.addAll(space.floors());
        RandomGenerator random = Seeds.generator(0, "quantisers", 0);
        for (int i = 0; i < LOOKED_AT; i++) {
            candidates.add(space.random(random));
        }
        Set<String> known = new HashSet<>();
        List<Architecture> sources = new ArrayList<>();
        for (Architecture a : candidates) {
            QuantizationPoints points = QuantizationPoints.of(space.lower(a), width);
            Set<String> names = new HashSet<>();
            points.activations().values().forEach(p -> names.add(p.name()));
            points.weights()
                    .forEach((slice, bits) ->
                            names.add(QuantizationPoints.weightStep(slice, bits).parameter()));
            if (known.addAll(names)) {
                sources.add(a);
            }
        }
        return sources;
    }

    /**
     * Values for all quantisers, from float32 weights: activations as the given networks have them on calibration images, the first
     * one deciding; weights as a whole. Quantisers that none of the networks has start at 1.
     */
    static Map<String, float[]> initial(Supernet floats, BitWidth width, List<Architecture> networks) {
        ParameterLayout weights = ParameterLayout.of(floats.space());
        Map<String, float[]> values = new LinkedHashMap<>();
        for (Architecture a : networks) {
            Map<String, float[]> more = activations(floats, floats.space().lower(a), width);
            more.forEach(values::putIfAbsent);
        }
        Map<String, float[]> trained = floats.parameters().values();
        layout(floats.space(), width).entries().forEach((name, entry) -> {
            if (!weights.entries().containsKey(name)) {
                values.computeIfAbsent(name, n -> new float[entry.elements()]);
            }
        });
        for (Architecture a : sources(floats.space(), width)) {
            QuantizationPoints.of(floats.space().lower(a), width).weights().forEach((slice, bits) -> {
                float[] w = trained.get(slice.parameter());
                String name = QuantizationPoints.weightStep(slice, bits).parameter();
                int outputs = weights.get(slice.parameter()).extents()[0];
                values.put(name, weightSteps(Objects.requireNonNull(w), outputs, bits));
            });
        }
        return values;
    }

    private static float[] weightSteps(float[] weights, int outputs, int bits) {
        float[] steps = new float[outputs];
        int each = weights.length / outputs;
        for (int o = 0; o < outputs; o++) {
            float[] row = Arrays.copyOfRange(weights, o * each, (o + 1) * each);
            steps[o] = (float) Math.log(StepEstimate.symmetric(row, LearnedStepSize.Grid.weights(bits))
                    .step());
        }
        return steps;
    }

    /** Values of the activations' quantisers, in both forms, as one network has its activations in float32. */
    static Map<String, float[]> activations(Supernet floats, Graph graph, BitWidth width) {
        QuantizationPoints points = QuantizationPoints.of(graph, width);
        Map<String, float[]> seen = new LinkedHashMap<>();
        Map<String, Point> quantizers = new LinkedHashMap<>();
        floats.observe(graph, (array, tensor) -> {
            Point p = points.activation(tensor);
            if (p != null) {
                quantizers.put(p.name(), p);
                seen.merge(p.name(), sample(array, p.name()), Quantizers::joined);
            }
        });
        Map<String, float[]> values = new LinkedHashMap<>();
        quantizers.forEach((name, p) -> {
            float[] v = Objects.requireNonNull(seen.get(name));
            for (Point form : forms(p)) {
                LearnedStepSize.Grid grid = form.grid();
                StepEstimate.Step s =
                        form.isSymmetric() ? StepEstimate.symmetric(v, grid) : StepEstimate.affine(v, grid);
                values.put(form.step(), new float[] {(float) Math.log(s.step())});
                if (!form.isSymmetric()) {
                    values.put(form.offset(), new float[] {(float) (s.offset() / (s.step() * grid.most()))});
                }
            }
        });
        return values;
    }

    /** Some values, the least and the largest among them. */
    private static float[] sample(NDArray array, String name) {
        float[] all = array.toFloatArray();
        RandomGenerator random = Seeds.generator(0, "sample " + name, all.length);
        float[] some = new float[SAMPLE];
        float least = all[0];
        float most = all[0];
        for (float v : all) {
            least = Math.min(least, v);
            most = Math.max(most, v);
        }
        some[0] = least;
        some[1] = most;
        for (int i = 2; i < SAMPLE; i++) {
            some[i] = all[random.nextInt(all.length)];
        }
        return some;
    }

    private static float[] joined(float[] a, float[] b) {
        float[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    /** Steps of a slice's outputs. */
    static float[] weightSteps(SharedParameters p, WeightSlice slice, int bits) {
        WeightSlice steps = QuantizationPoints.weightStep(slice, bits);
        float[] logarithms = p.values(new ParameterUse(ParameterUse.Role.SCALE, steps));
        for (int i = 0; i < logarithms.length; i++) {
            logarithms[i] = (float) Math.exp(logarithms[i]);
        }
        return logarithms;
    }

    /** How the 8-bit numbers of a point stand for reals. */
    static Quantization scale(SharedParameters p, Point point) {
        int most = point.grid().most();
        int offset = point.isSymmetric()
                ? Byte.MIN_VALUE
                : (int) Math.max(-most, Math.min(0, Math.rint(only(p, point.offset()) * most)));
        // The least number, -128, stands for the offset.
        return new Quantization(Math.exp(only(p, point.step())), Byte.MIN_VALUE - offset);
    }

    private static float only(SharedParameters p, String name) {
        return p.values(new ParameterUse(ParameterUse.Role.SCALE, WeightSlice.first(name, 1)))[0];
    }
}
