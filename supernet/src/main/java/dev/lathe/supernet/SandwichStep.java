package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.ParameterUse;
import dev.lathe.space.TaskShape;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The gradients of one step: the first network learns from the labels, the others from its logits, detached (in-place
 * distillation), or from the labels too. Each network's backward pass follows its forward pass, so the memory is that of the largest, and the
 * gradients add up in the shared parameters.
 */
final class SandwichStep {
    private final SharedParameters parameters;
    private final GraphExecutor executor;
    private final TaskShape task;
    private final double labelSmoothing;
    private final Distillation distillation;

    SandwichStep(
            SharedParameters parameters,
            GraphExecutor executor,
            TaskShape task,
            double labelSmoothing,
            Distillation distillation) {
        this.distillation = distillation;
        this.parameters = parameters;
        this.executor = executor;
        this.task = task;
        this.labelSmoothing = labelSmoothing;
    }

    /**
     * Adds the gradients of all networks to the shared parameters.
     *
     * @param graphs the teacher first
     * @param batch standardized images and labels
     * @return mean cross-entropy of each network against its target, in the order of {@code graphs}
     */
    float[] accumulate(List<Graph> graphs, Batches.Batch batch) {
        int n = batch.labels().length;
        float[] losses = new float[graphs.size()];
        try (NDManager step = parameters.manager().newSubManager();
                GradientCollector collector = Torch.engine().newGradientCollector()) {
            NDArray x = step.create(batch.pixels(), new Shape(n, task.channels(), task.height(), task.width()));
            // Targets carry the factor -1/n of the mean, so that the loss is one product and one sum.
            NDArray target =
                    step.create(targets(batch.labels(), task.classes(), labelSmoothing), new Shape(n, task.classes()));
            float[] teacher = {};
            for (int i = 0; i < losses.length; i++) {
                NDArray logits = executor.forward(graphs.get(i), x, GraphExecutor.Mode.TRAIN, null);
                if (i > 0 && distillation == Distillation.ALPHA) {
                    float[] weights = distillation.weights(teacher, logits.toFloatArray(), task.classes());
                    target = step.create(weights, new Shape(n, task.classes()));
                }
                NDArray loss = logits.logSoftmax(1).mul(target).sum();
                collector.backward(loss);
                losses[i] = loss.getFloat();
                if (i == 0 && distillation == Distillation.ALPHA) {
                    teacher = logits.toFloatArray();
                } else if (i == 0 && distillation == Distillation.KL && losses.length > 1) {
                    target = parameters.scalars().multiply(logits.stopGradient().softmax(1), -1f / n);
                }
            }
        }
        return losses;
    }

    /** Smoothed one-hot rows times -1/n. */
    static float[] targets(int[] labels, int classes, double smoothing) {
        float[] t = new float[labels.length * classes];
        double n = labels.length;
        for (int i = 0; i < labels.length; i++) {
            for (int c = 0; c < classes; c++) {
                double p = smoothing / classes + (c == labels[i] ? 1 - smoothing : 0);
                t[i * classes + c] = (float) (-p / n);
            }
        }
        return t;
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
