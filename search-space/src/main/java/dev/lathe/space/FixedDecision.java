package dev.lathe.space;

import dev.lathe.graph.Graph;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** A space in which one decision is made already, for example the resolution; its architectures are the whole space's. */
public final class FixedDecision implements SearchSpace {
    private final SearchSpace space;
    private final int decision;
    private final int choice;

    /**
     * @param decision whose choices are all active in every network
     * @param choice index of the one that is kept
     */
    public FixedDecision(SearchSpace space, int decision, int choice) {
        if (decision < 0
                || decision >= space.decisions().size()
                || choice < 0
                || choice >= space.decisions().get(decision).size()) {
            throw new IllegalArgumentException(
                    "%s has no choice %d of a decision %d".formatted(space.name(), choice, decision));
        }
        this.space = space;
        this.decision = decision;
        this.choice = choice;
    }

    @Override
    public String name() {
        return space.name();
    }

    @Override
    public String description() {
        return "%s, %s fixed to %s"
                .formatted(
                        space.description(),
                        space.decisions().get(decision).name(),
                        space.decisions().get(decision).choices().get(choice));
    }

    @Override
    public Task task() {
        return space.task();
    }

    /** The whole space's: that one of them is fixed shows in {@link #canonical}. */
    @Override
    public List<Decision> decisions() {
        return space.decisions();
    }

    @Override
    public Architecture canonical(Architecture a) {
        check(a);
        int[] choices = a.choices();
        choices[decision] = choice;
        return space.canonical(Architecture.of(name(), choices));
    }

    @Override
    public Graph lower(Architecture a) {
        return space.lower(canonical(a));
    }

    @Override
    public Map<String, Double> recipe(Architecture a) {
        return space.recipe(canonical(a));
    }

    @Override
    public BigInteger size() {
        return space.size()
                .divide(BigInteger.valueOf(space.decisions().get(decision).size()));
    }
}
