package dev.lathe.space.ofa;

import dev.lathe.graph.Activation;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Range;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One elastic layer of a supernet: a square convolution without bias, batch normalization, non-linearity. A subnet uses the
 * leading channels and the middle of the largest kernel.
 *
 * <p>A search lowers millions of subnets, and a layer has few forms: each is made once and its operators are shared by all
 * graphs. Safe for use by many threads.
 */
final class ElasticConv {
    /** The operators of one form; {@code inputs} are the channels that come in. */
    private record Form(int inputs, int outputs, int kernel, Operator.Conv2d conv, Operator.BatchNorm norm) {}

    private final String name;
    private final String norm;
    private final String act;
    private final int maxKernel;
    private final int stride;
    private final boolean depthwise;
    private final Operator.@Nullable Activate function;
    private final float epsilon;
    private volatile Form[] forms = {};

    /**
     * @param name of the convolution; its parameter is {@code name.weight}, its normalization {@code name.norm}
     * @param maxKernel rows and columns of the shared kernel, odd
     * @param depthwise whether each channel is filtered alone
     * @param function null for none
     */
    ElasticConv(
            String name, int maxKernel, int stride, boolean depthwise, @Nullable Activation function, float epsilon) {
        this.name = name;
        this.norm = name + ".norm";
        this.act = name + ".act";
        this.maxKernel = maxKernel;
        this.stride = stride;
        this.depthwise = depthwise;
        this.function = function == null ? null : new Operator.Activate(function);
        this.epsilon = epsilon;
    }

    /** Appends the layer with the whole kernel. */
    Tensor append(GraphBuilder g, Tensor x, int outputs) {
        return append(g, x, outputs, maxKernel);
    }

    /** @param kernel rows and columns, odd and at most the largest */
    Tensor append(GraphBuilder g, Tensor x, int outputs, int kernel) {
        Form form = form(x.shape().extent(0), outputs, kernel);
        Tensor y = g.add(norm, form.norm, g.add(name, form.conv, x));
        return function == null ? y : g.add(act, function, y);
    }

    private Form form(int inputs, int outputs, int kernel) {
        for (Form f : forms) {
            if (f.inputs == inputs && f.outputs == outputs && f.kernel == kernel) {
                return f;
            }
        }
        return make(inputs, outputs, kernel);
    }

    private synchronized Form make(int inputs, int outputs, int kernel) {
        Range window = Range.middle(kernel, maxKernel);
        WeightSlice weight = WeightSlice.of(
                name + ".weight", Range.first(outputs), Range.first(depthwise ? 1 : inputs), window, window);
        Form form = new Form(
                inputs,
                outputs,
                kernel,
                new Operator.Conv2d(weight, null, stride, kernel / 2, depthwise ? inputs : 1),
                new Operator.BatchNorm(
                        WeightSlice.first(norm + ".scale", outputs),
                        WeightSlice.first(norm + ".shift", outputs),
                        WeightSlice.first(norm + ".mean", outputs),
                        WeightSlice.first(norm + ".variance", outputs),
                        epsilon));
        Form[] more = Arrays.copyOf(forms, forms.length + 1);
        more[forms.length] = form;
        forms = more;
        return form;
    }
}
