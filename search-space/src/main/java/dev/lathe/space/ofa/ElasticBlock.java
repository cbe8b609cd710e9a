package dev.lathe.space.ofa;

import dev.lathe.graph.Activation;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.space.Layers;
import org.jspecify.annotations.Nullable;

/**
 * An inverted residual block: expand 1x1, depthwise k x k, squeeze-and-excitation where the stage has it, project 1x1; an
 * expansion of 1 leaves the first layer out. Kernel and expansion are elastic.
 */
final class ElasticBlock {
    /** All widths are multiples of this. */
    static final int DIVISOR = 8;

    private static final Operator ADD = new Operator.Add();

    private final ElasticConv expand;
    private final ElasticConv depthwise;
    private final @Nullable ElasticSqueezeExcite gate;
    private final ElasticConv project;
    private final int outputs;
    private final @Nullable String sum;

    /**
     * @param name prefix of all names
     * @param maxKernel of which smaller kernels are the middle
     * @param residual whether input and output are added; they have the same shape then
     */
    ElasticBlock(
            String name,
            int outputs,
            int maxKernel,
            int stride,
            Activation function,
            boolean squeezeExcite,
            boolean residual,
            float epsilon) {
        this.expand = new ElasticConv(name + ".expand", 1, 1, false, function, epsilon);
        this.depthwise = new ElasticConv(name + ".depthwise", maxKernel, stride, true, function, epsilon);
        this.gate = squeezeExcite ? new ElasticSqueezeExcite(name + ".se") : null;
        this.project = new ElasticConv(name + ".project", 1, 1, false, null, epsilon);
        this.outputs = outputs;
        this.sum = residual ? name + ".add" : null;
    }

    Tensor append(GraphBuilder g, Tensor x, int kernel, int expansion) {
        int inputs = x.shape().extent(0);
        int inner = Layers.makeDivisible(inputs * expansion, DIVISOR);
        Tensor y = expansion == 1 ? x : expand.append(g, x, inner);
        y = depthwise.append(g, y, inner, kernel);
        if (gate != null) {
            y = gate.append(g, y);
        }
        y = project.append(g, y, outputs);
        return sum == null ? y : g.add(sum, ADD, x, y);
    }
}
