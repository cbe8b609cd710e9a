package dev.lathe.supernet;

import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.List;

/** A space of one network that shares nothing: every slice of a subnet has become a whole parameter. */
record Cut(SearchSpace origin, Graph graph) implements SearchSpace {
    static Graph whole(Graph graph) {
        GraphBuilder b = new GraphBuilder(graph.name());
        Tensor[] made = new Tensor[graph.tensors()];
        for (Tensor t : graph.inputs()) {
            made[t.id()] = b.input(t.name(), t.shape().toArray());
        }
        for (Node n : graph.nodes()) {
            Tensor[] in = n.inputs().stream().map(t -> made[t.id()]).toArray(Tensor[]::new);
            made[n.output().id()] = b.add(n.name(), whole(n.op()), in);
        }
        return b.build(made[graph.output().id()]);
    }

    private static Operator whole(Operator op) {
        if (op instanceof Operator.Conv2d c) {
            return new Operator.Conv2d(
                    whole(c.weight()),
                    c.bias() == null ? null : whole(c.bias()),
                    c.strideY(),
                    c.strideX(),
                    c.paddingY(),
                    c.paddingX(),
                    c.groups());
        }
        if (op instanceof Operator.Linear l) {
            return new Operator.Linear(whole(l.weight()), l.bias() == null ? null : whole(l.bias()), l.role());
        }
        if (op instanceof Operator.BatchNorm n) {
            return new Operator.BatchNorm(
                    whole(n.scale()), whole(n.shift()), whole(n.mean()), whole(n.variance()), n.epsilon());
        }
        if (op instanceof Operator.LayerNorm n) {
            return new Operator.LayerNorm(whole(n.scale()), whole(n.shift()), n.epsilon());
        }
        if (op instanceof Operator.AddTable t) {
            return new Operator.AddTable(whole(t.table()));
        }
        return op;
    }

    private static WeightSlice whole(WeightSlice s) {
        return WeightSlice.first(s.parameter(), s.extents());
    }

    @Override
    public String name() {
        return "cut";
    }

    @Override
    public String description() {
        return "one subnet";
    }

    @Override
    public TaskShape task() {
        return TaskShape.of(origin);
    }

    @Override
    public List<Decision> decisions() {
        return List.of(Decision.of("only", 1));
    }

    @Override
    public Architecture canonical(Architecture a) {
        return a;
    }

    @Override
    public Graph lower(Architecture a) {
        return graph;
    }

    @Override
    public BigInteger size() {
        return BigInteger.ONE;
    }
}
