package dev.lathe.space.hat;

import dev.lathe.graph.Activation;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;

/** A residual block of two linear layers with a ReLU between them, normalized behind the sum. */
final class HatFeedForward {
    private final HatLinear in;
    private final String relu;
    private final HatLinear out;
    private final HatResidual residual;

    HatFeedForward(String name) {
        this.in = new HatLinear(name + ".in");
        this.relu = name + ".relu";
        this.out = new HatLinear(name + ".out");
        this.residual = new HatResidual(name);
    }

    Tensor append(GraphBuilder g, Tensor x, int inner) {
        Tensor y = in.append(g, x, inner);
        y = g.add(relu, new Operator.Activate(Activation.RELU), y);
        y = out.append(g, y, x.shape().last());
        return residual.append(g, x, y);
    }
}
