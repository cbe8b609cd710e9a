package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.ParameterUse;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * The gradients of one step: the first network learns from the labels, the others from its logits, detached (in-place
 * distillation), or from the labels too. Each network's backward pass follows its forward pass, so the memory is that of the largest, and the
 * gradients add up in the shared parameters.
 */
final class SandwichStep {
    private final SharedParameters parameters;
    private final GraphExecutor executor;
    private final double labelSmoothing;
    private final Distillation distillation;

    SandwichStep(
            SharedParameters parameters, GraphExecutor executor, double labelSmoothing, Distillation distillation) {
        this.distillation = distillation;
        this.parameters = parameters;
        this.executor = executor;
        this.labelSmoothing = labelSmoothing;
    }

    /**
     * Adds the gradients of all networks to the shared parameters.
     *
     * @param graphs the teacher first
     * @param batch what they see and are to say
     * @return mean cross-entropy of each network against its target, in the order of {@code graphs}
     */
    float[] accumulate(List<Graph> graphs, TrainingBatch batch) {
        return accumulate(graphs, batch, i -> NodeOutputs.SAME);
    }

    /**
     * The same.
     *
     * @param outputs what is done to the outputs of nodes, by network
     */
    float[] accumulate(List<Graph> graphs, TrainingBatch batch, IntFunction<NodeOutputs> outputs) {
        float[] losses = new float[graphs.size()];
        Shape rows = new Shape(batch.rows(), batch.classes());
        try (NDManager step = parameters.manager().newSubManager();
                GradientCollector collector = Torch.engine().newGradientCollector()) {
            List<NDArray> x = batch.inputs(step);
            NDArray target = batch.target(step, labelSmoothing);
            float[] teacher = {};
            for (int i = 0; i < losses.length; i++) {
                NDArray logits =
                        executor.train(graphs.get(i), x, outputs.apply(i)).reshape(rows);
                if (i > 0 && distillation == Distillation.ALPHA) {
                    float[] weights = distillation.weights(teacher, logits.toFloatArray(), batch.classes());
                    target = step.create(batch.ofCountingRows(weights), rows);
                }
                NDArray loss = logits.logSoftmax(1).mul(target).sum();
                collector.backward(loss);
                losses[i] = loss.getFloat();
                if (i == 0 && distillation == Distillation.ALPHA) {
                    teacher = logits.toFloatArray();
                } else if (i == 0 && distillation == Distillation.KL && losses.length > 1) {
                    target = logits.stopGradient().softmax(1).mul(batch.rowWeights(step));
                }
            }
        }
        return losses;
    }

    /** Trained parameters that at least one of the graphs uses. */
    static Set<String> used(List<Graph> graphs) {
        Set<String> names = new HashSet<>();
        for (Graph g : graphs) {
            for (Node node : g.nodes()) {
                for (ParameterUse use : node.op().parameters()) {
                    if (use.role().isTrained()) {
                        names.add(use.slice().parameter());
                    }
                }
            }
        }
        return names;
    }
}
