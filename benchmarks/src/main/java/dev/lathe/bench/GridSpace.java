package dev.lathe.bench;

import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.List;
import java.util.stream.IntStream;

/** Independent decisions, for what is measured without networks. */
record GridSpace(List<Decision> decisions) implements SearchSpace {
    GridSpace(int genes, int choices) {
        this(IntStream.range(0, genes)
                .mapToObj(i -> Decision.of(
                        "gene" + i,
                        IntStream.range(1, choices + 1).asDoubleStream().toArray()))
                .toList());
    }

    @Override
    public String name() {
        return "grid";
    }

    @Override
    public String description() {
        return "independent decisions";
    }

    @Override
    public TaskShape task() {
        return new TaskShape(1, 8, 8, 10);
    }

    @Override
    public Architecture canonical(Architecture a) {
        return a;
    }

    @Override
    public Graph lower(Architecture a) {
        throw new UnsupportedOperationException("there is no network behind these decisions");
    }

    @Override
    public BigInteger size() {
        return decisions.stream().map(d -> BigInteger.valueOf(d.size())).reduce(BigInteger.ONE, BigInteger::multiply);
    }
}
