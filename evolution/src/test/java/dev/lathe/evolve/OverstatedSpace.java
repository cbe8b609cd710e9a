package dev.lathe.evolve;

import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.List;

/** A space that claims to have a million networks more than it has. */
record OverstatedSpace(SearchSpace inner) implements SearchSpace {
    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public String description() {
        return inner.description();
    }

    @Override
    public TaskShape task() {
        return TaskShape.of(inner);
    }

    @Override
    public List<Decision> decisions() {
        return inner.decisions();
    }

    @Override
    public Architecture canonical(Architecture a) {
        return inner.canonical(a);
    }

    @Override
    public Graph lower(Architecture a) {
        return inner.lower(a);
    }

    @Override
    public BigInteger size() {
        return inner.size().add(BigInteger.valueOf(1_000_000));
    }
}
