package dev.lathe.supernet;

import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.List;

/** A space of one architecture: wraps a graph that a test built. */
record OneGraph(Graph graph, TaskShape task) implements SearchSpace {
    @Override
    public String name() {
        return "one";
    }

    @Override
    public String description() {
        return "one graph";
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
