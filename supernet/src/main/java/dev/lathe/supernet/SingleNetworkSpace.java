package dev.lathe.supernet;

import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.Task;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/**
 * One network of a space as a space of its own: training it is training that network alone, with everything else (data
 * order, augmentation, optimizer) as in the supernet's training.
 *
 * @param origin the space it is from
 * @param network the only network
 */
public record SingleNetworkSpace(SearchSpace origin, Architecture network) implements SearchSpace {
    public SingleNetworkSpace {
        network = origin.canonical(network);
    }

    @Override
    public String name() {
        return origin.name();
    }

    @Override
    public String description() {
        return "one network of " + origin.name();
    }

    @Override
    public Task task() {
        return origin.task();
    }

    /** Those of the origin: the network's choices are indices of these. */
    @Override
    public List<Decision> decisions() {
        return origin.decisions();
    }

    @Override
    public Architecture canonical(Architecture a) {
        return network;
    }

    @Override
    public Graph lower(Architecture a) {
        return origin.lower(network);
    }

    @Override
    public Map<String, Double> recipe(Architecture a) {
        return origin.recipe(network);
    }

    @Override
    public BigInteger size() {
        return BigInteger.ONE;
    }
}
