package dev.lathe.evolve;

import dev.lathe.base.InvalidInputException;
import java.util.List;

/** All strategies by name. */
public final class Strategies {
    private static final List<String> NAMES = List.of(
            "nsga2",
            "nsga3",
            "islands",
            "steady-state",
            "regularized-evolution",
            "hat-evolution",
            "random",
            "linas",
            "expected-gain");

    private Strategies() {}

    /**
     * What strategies are made of; each takes what it has a use for.
     *
     * @param population individuals that survive; at least 2
     * @param inFlight evaluations under way at a time, of the asynchronous strategies
     * @param islands number of them
     * @param migration generations between migrations
     */
    public record Parameters(int population, int inFlight, int islands, int migration) {}

    public static List<String> names() {
        return NAMES;
    }

    /** @throws InvalidInputException if there is none of this name, or it cannot have these parameters */
    public static SearchStrategy create(String name, Parameters p) {
        return switch (name) {
            case "nsga2" -> new Nsga2Strategy(p.population());
            case "nsga3" -> new Nsga3Strategy(p.population());
            case "islands" -> {
                if (p.population() < 4 * p.islands()) {
                    throw new InvalidInputException(
                            "a population of %d is too small for %d islands, which need 4 each; raise search.population or lower search.islands"
                                    .formatted(p.population(), p.islands()));
                }
                yield new IslandStrategy(p.islands(), p.population(), p.migration());
            }
            case "steady-state" -> new SteadyStateStrategy(p.population(), p.inFlight());
            case "regularized-evolution" ->
                new RegularizedEvolutionStrategy(
                        p.population(),
                        Math.min(p.population(), RegularizedEvolutionStrategy.DEFAULT_TOURNAMENT),
                        p.inFlight());
            case "hat-evolution" -> new HatEvolutionStrategy(p.population());
            case "random" -> new RandomStrategy();
            case "linas" -> new LinasStrategy(p.population());
            case "expected-gain" -> new ExpectedGainStrategy();
            default -> throw InvalidInputException.unknown("search.strategy", name, NAMES);
        };
    }
}
