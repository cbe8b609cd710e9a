package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * AdamW whose state can be saved and put back, by the engine's own update kernel. Only parameters that a step used are
 * updated: the momentum of the others would move them without a gradient. Decay is on matrices and filters only.
 *
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019</a>
 */
final class AdamW {
    private static final float BETA1 = 0.9f;
    /** The usual decay of the mean squared gradient. */
    static final double USUAL_BETA2 = 0.999;

    private static final float EPSILON = 1e-8f;
    /** The engine's sign for "no limit of single elements". */
    private static final float NO_ELEMENT_CLIP = -1f;
    /** Limit of single elements under the alpha-divergence, whose authors call it often necessary. */
    private static final float ELEMENT_CLIP = 1f;

    /**
     * What is kept of one parameter.
     *
     * @param updates how often it was updated
     */
    record Moments(float[] mean, float[] variance, int updates) {}

    /** Parameters of one weight decay, and what is kept of them, each kind in one block of memory. */
    private static final class Group {
        final FlatArrays weights;
        final FlatArrays means;
        final FlatArrays variances;
        final double decay;
        /** In the order in which they lie. */
        final List<String> names;

        final Map<String, Integer> updates = new HashMap<>();

        Group(FlatArrays weights, double decay, NDManager manager) {
            this.weights = weights;
            this.means = weights.zerosLike(manager);
            this.variances = weights.zerosLike(manager);
            this.decay = decay;
            this.names = weights.names();
            names.forEach(name -> updates.put(name, 0));
        }
    }

    /**
     * What one call of the kernel changes.
     *
     * @param updates how often this was updated, with this time
     */
    private record Target(
            NDArray weight, NDArray gradient, NDArray mean, NDArray variance, double decay, int updates) {}

    private final SharedParameters parameters;
    private final double gradientClip;
    private final float elementClip;
    private final float beta2;
    private final List<Group> groups;

    /** @param clipElements whether single elements of a gradient are limited to -1 to 1 */
    AdamW(SharedParameters parameters, double weightDecay, double gradientClip, boolean clipElements) {
        this(parameters, weightDecay, gradientClip, clipElements, USUAL_BETA2);
    }

    /** @param beta2 decay of the mean squared gradient */
    AdamW(SharedParameters parameters, double weightDecay, double gradientClip, boolean clipElements, double beta2) {
        this.beta2 = (float) beta2;
        this.elementClip = clipElements ? ELEMENT_CLIP : NO_ELEMENT_CLIP;
        this.parameters = parameters;
        this.gradientClip = gradientClip;
        this.groups = Stream.of(
                        new Group(parameters.decaying(), weightDecay, parameters.manager()),
                        new Group(parameters.steady(), 0, parameters.manager()))
                .filter(g -> !g.names.isEmpty())
                .toList();
    }

    /** One update of the {@code used} parameters by the gradients gathered in them, which are zeroed. */
    void update(Set<String> used, double learningRate) {
        try (NDManager step = parameters.manager().newSubManager()) {
            List<Target> targets = new ArrayList<>();
            groups.forEach(g -> targets.addAll(targets(g, used, step)));
            float rescale = gradientClip > 0 ? rescale(targets) : 1f;
            for (Target t : targets) {
                double correction = Math.sqrt(1 - Math.pow(beta2, t.updates)) / (1 - Math.pow(BETA1, t.updates));
                t.weight
                        .getNDArrayInternal()
                        .adamUpdate(
                                new NDList(t.weight, t.gradient, t.mean, t.variance),
                                new NDList(t.weight),
                                (float) learningRate,
                                (float) (learningRate * correction),
                                (float) t.decay,
                                rescale,
                                elementClip,
                                BETA1,
                                beta2,
                                EPSILON,
                                true,
                                true);
            }
        }
    }

    /** The used parameters, as few arrays as they make: neighbours that were updated equally often are one. */
    private static List<Target> targets(Group g, Set<String> used, NDManager step) {
        List<Target> targets = new ArrayList<>();
        List<String> names = g.names;
        int first = 0;
        while (first < names.size()) {
            if (!used.contains(names.get(first))) {
                first++;
                continue;
            }
            Integer updates = g.updates.get(names.get(first));
            NDList gradients = new NDList();
            int end = first;
            while (end < names.size()
                    && used.contains(names.get(end))
                    && Objects.equals(g.updates.get(names.get(end)), updates)) {
                NDArray gradient = g.weights.get(names.get(end)).getGradient();
                gradient.attach(step);
                gradients.add(gradient.flatten());
                g.updates.merge(names.get(end), 1, Integer::sum);
                end++;
            }
            NDArray gradient = NDArrays.concat(gradients);
            // The kernel zeroes what it is given, which is a copy.
            gradients.forEach(x -> x.subi(x));
            targets.add(new Target(
                    g.weights.neighbours(first, end, step),
                    gradient,
                    g.means.neighbours(first, end, step),
                    g.variances.neighbours(first, end, step),
                    g.decay,
                    Objects.requireNonNull(updates) + 1));
            first = end;
        }
        return targets;
    }

    private Group groupOf(String name) {
        return groups.stream()
                .filter(g -> g.updates.containsKey(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No trained parameter '%s'".formatted(name)));
    }

    /** The factor that brings the global norm down to the limit, at most 1. */
    private float rescale(List<Target> targets) {
        double squares = 0;
        for (Target t : targets) {
            NDArray s = t.gradient.square().sum();
            squares += s.getFloat();
        }
        double norm = Math.sqrt(squares);
        return norm > gradientClip ? (float) (gradientClip / norm) : 1f;
    }

    /** A copy of the state by parameter, in layout order. */
    Map<String, Moments> state() {
        Map<String, Moments> all = new LinkedHashMap<>();
        parameters.trained().keySet().forEach(name -> {
            Group g = groupOf(name);
            all.put(
                    name,
                    new Moments(
                            g.means.get(name).toFloatArray(),
                            g.variances.get(name).toFloatArray(),
                            Objects.requireNonNull(g.updates.get(name))));
        });
        return all;
    }

    /** Puts a saved state back. */
    void restore(Map<String, Moments> saved) {
        try (NDManager step = parameters.manager().newSubManager()) {
            saved.forEach((name, m) -> {
                Group g = groupOf(name);
                FlatArrays.overwrite(g.means.get(name), m.mean(), step);
                FlatArrays.overwrite(g.variances.get(name), m.variance(), step);
                g.updates.put(name, m.updates());
            });
        }
    }
}
