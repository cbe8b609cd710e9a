package dev.lathe.space.nasbench;

import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.List;

/**
 * All 15,625 cells of NAS-Bench-201 as they are written, each a point of its own: what the benchmark trained and measured.
 *
 * <p>Cells that are one network have results of their own in the benchmark, and the published Pareto fronts pick among them:
 * without them, at most 98.98 % of the hypervolume of accuracy on CIFAR-100 against latency on the edge GPU can be reached. So
 * the space is for searching the benchmark's tables; to search for networks take {@link NasBench201Space}.
 */
public final class PublishedCells implements SearchSpace {
    private final NasBench201Space networks;

    public PublishedCells(TaskShape task) {
        this.networks = new NasBench201Space(task);
    }

    @Override
    public String name() {
        return networks.name();
    }

    @Override
    public String description() {
        return "all 15,625 cells of NAS-Bench-201 as they are written";
    }

    @Override
    public TaskShape task() {
        return networks.task();
    }

    @Override
    public List<Decision> decisions() {
        return networks.decisions();
    }

    /** The cell itself. */
    @Override
    public Architecture canonical(Architecture a) {
        check(a);
        return a;
    }

    @Override
    public Graph lower(Architecture a) {
        return networks.lowerAsPublished(a);
    }

    @Override
    public BigInteger size() {
        return BigInteger.valueOf(Cells.COUNT);
    }

    @Override
    public Architecture largest() {
        return networks.largest();
    }

    @Override
    public Architecture smallest() {
        return networks.smallest();
    }
}
