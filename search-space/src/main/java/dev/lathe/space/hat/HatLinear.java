package dev.lathe.space.hat;

import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;

/** A linear layer with bias that uses the leading rows and columns of its parameter. */
final class HatLinear {
    private final String name;
    private final String weight;
    private final String bias;

    HatLinear(String name) {
        this.name = name;
        this.weight = name + ".weight";
        this.bias = name + ".bias";
    }

    Tensor append(GraphBuilder g, Tensor x, int outputs) {
        return g.add(
                name,
                new Operator.Linear(
                        WeightSlice.first(weight, outputs, x.shape().last()), WeightSlice.first(bias, outputs)),
                x);
    }
}
