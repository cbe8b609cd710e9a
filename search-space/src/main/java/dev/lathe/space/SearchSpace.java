package dev.lathe.space;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A finite set of architectures and how each becomes a network. Implementations are immutable and thread-safe. Laws, which
 * {@code SearchSpaceContract} tests for every space: {@link #canonical} is idempotent and keeps the graph; two canonical
 * architectures lower to equal graphs and recipes exactly when they are equal; every architecture lowers.
 */
public interface SearchSpace {
    /** Stable name written into every result, for example {@code mbconv-tiny}. */
    String name();

    /**
     * The text from which {@link SearchSpaces#create} makes this space again, in any process: its name, or the description of a
     * space that is not built in.
     */
    default String reference() {
        return name();
    }

    /** What it is and where it comes from, in one line. */
    String description();

    /** What the networks take and give; the largest input where the resolution is a decision. */
    Task task();

    /** The decisions in encoding order. */
    List<Decision> decisions();

    /** The same network with inactive decisions (of a block beyond the chosen depth) set to 0. */
    Architecture canonical(Architecture a);

    /**
     * The network as a graph over slices of the space's shared parameters.
     *
     * @throws InvalidInputException if {@code a} is of another space, or has a choice outside its decision
     */
    Graph lower(Architecture a);

    /**
     * How the network is to be trained, where that is part of the point: values by name, for example of the learning rate.
     * Points with equal graphs and different recipes are different.
     */
    default Map<String, Double> recipe(Architecture a) {
        return Map.of();
    }

    /** Number of distinct networks, that is of canonical architectures. */
    BigInteger size();

    /** The canonical form of a draw that is uniform in every decision. */
    default Architecture random(RandomGenerator random) {
        List<Decision> d = decisions();
        int[] choices = new int[d.size()];
        for (int i = 0; i < choices.length; i++) {
            choices[i] = random.nextInt(d.get(i).size());
        }
        return canonical(Architecture.of(name(), choices));
    }

    /** The largest network: the last choice of every decision. */
    default Architecture largest() {
        return canonical(Architecture.of(
                name(), decisions().stream().mapToInt(d -> d.size() - 1).toArray()));
    }

    /** The smallest network: the first choice of every decision. */
    default Architecture smallest() {
        return canonical(Architecture.of(name(), new int[decisions().size()]));
    }

    /**
     * Architectures whose slices together cover every shared parameter: the largest for a nested space; more where choices
     * do not share weights, one for each.
     */
    default List<Architecture> covering() {
        return List.of(largest());
    }

    /**
     * The smallest networks that training should know: the smallest for a nested space; where choices do not share weights, the
     * smallest one for each, or the networks between the extremes of a choice would have no lower bound to lean on.
     */
    default List<Architecture> floors() {
        return List.of(smallest());
    }

    /** @throws InvalidInputException if {@code a} is of another space, or has a choice outside its decision */
    default void check(Architecture a) {
        List<Decision> d = decisions();
        if (!a.space().equals(name()) || a.length() != d.size()) {
            throw new InvalidInputException(
                    "Architecture %s is not of space %s with its %d decisions".formatted(a, name(), d.size()));
        }
        for (int i = 0; i < d.size(); i++) {
            if (a.choice(i) < 0 || a.choice(i) >= d.get(i).size()) {
                throw new InvalidInputException("Architecture %s: decision '%s' has choices 0 to %d, not %d"
                        .formatted(a, d.get(i).name(), d.get(i).size() - 1, a.choice(i)));
            }
        }
    }
}
