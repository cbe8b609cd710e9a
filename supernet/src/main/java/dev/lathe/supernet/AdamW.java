package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.lathe.graph.ParameterUse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

    private static final class State {
        final NDArray mean;
        final NDArray variance;
        final boolean decays;
        int updates;

        State(NDArray mean, NDArray variance, boolean decays, int updates) {
            this.mean = mean;
            this.variance = variance;
            this.decays = decays;
            this.updates = updates;
        }
    }

    private final SharedParameters parameters;
    private final double weightDecay;
    private final double gradientClip;
    private final float elementClip;
    private final float beta2;
    private final Map<String, State> states = new HashMap<>();

    /** @param clipElements whether single elements of a gradient are limited to -1 to 1 */
    AdamW(SharedParameters parameters, double weightDecay, double gradientClip, boolean clipElements) {
        this(parameters, weightDecay, gradientClip, clipElements, USUAL_BETA2);
    }

    /** @param beta2 decay of the mean squared gradient */
    AdamW(SharedParameters parameters, double weightDecay, double gradientClip, boolean clipElements, double beta2) {
        this.beta2 = (float) beta2;
        this.elementClip = clipElements ? ELEMENT_CLIP : NO_ELEMENT_CLIP;
        this.parameters = parameters;
        this.weightDecay = weightDecay;
        this.gradientClip = gradientClip;
        parameters
                .trained()
                .forEach((name, w) -> states.put(name, new State(w.zerosLike(), w.zerosLike(), decays(name), 0)));
    }

    private boolean decays(String name) {
        return parameters.layout().get(name).role() == ParameterUse.Role.WEIGHT;
    }

    private State state(String name) {
        State s = states.get(name);
        if (s == null) {
            throw new IllegalArgumentException("No trained parameter '%s'".formatted(name));
        }
        return s;
    }

    /** One update of the {@code used} parameters by the gradients gathered in them, which are zeroed. */
    void update(Set<String> used, double learningRate) {
        try (NDManager step = parameters.manager().newSubManager()) {
            List<String> names = new ArrayList<>(used.size());
            List<NDArray> weights = new ArrayList<>(used.size());
            List<NDArray> gradients = new ArrayList<>(used.size());
            parameters.trained().forEach((name, weight) -> {
                if (used.contains(name)) {
                    NDArray gradient = weight.getGradient();
                    gradient.attach(step);
                    names.add(name);
                    weights.add(weight);
                    gradients.add(gradient);
                }
            });
            float rescale = gradientClip > 0 ? rescale(gradients) : 1f;
            for (int i = 0; i < names.size(); i++) {
                State s = state(names.get(i));
                s.updates++;
                double correction = Math.sqrt(1 - Math.pow(beta2, s.updates)) / (1 - Math.pow(BETA1, s.updates));
                NDArray weight = weights.get(i);
                weight.getNDArrayInternal()
                        .adamUpdate(
                                new NDList(weight, gradients.get(i), s.mean, s.variance),
                                new NDList(weight),
                                (float) learningRate,
                                (float) (learningRate * correction),
                                s.decays ? (float) weightDecay : 0f,
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

    /** The factor that brings the global norm down to the limit, at most 1. */
    private float rescale(List<NDArray> gradients) {
        double squares = 0;
        for (NDArray g : gradients) {
            NDArray s = g.square().sum();
            squares += s.getFloat();
        }
        double norm = Math.sqrt(squares);
        return norm > gradientClip ? (float) (gradientClip / norm) : 1f;
    }

    /** A copy of the state by parameter, in layout order. */
    Map<String, Moments> state() {
        Map<String, Moments> all = new LinkedHashMap<>();
        parameters.trained().keySet().forEach(name -> {
            State s = state(name);
            all.put(name, new Moments(s.mean.toFloatArray(), s.variance.toFloatArray(), s.updates));
        });
        return all;
    }

    /** Puts a saved state back. */
    void restore(Map<String, Moments> saved) {
        saved.forEach((name, m) -> {
            State s = state(name);
            s.mean.set(m.mean());
            s.variance.set(m.variance());
            s.updates = m.updates();
        });
    }
}
