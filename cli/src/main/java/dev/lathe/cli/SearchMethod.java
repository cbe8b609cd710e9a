package dev.lathe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.evolve.IslandStrategy;
import dev.lathe.evolve.SearchStrategy;
import dev.lathe.evolve.SteadyStateStrategy;
import dev.lathe.evolve.StopRule;
import dev.lathe.evolve.Strategies;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an experiment searches: the part of {@code search:} besides the number of evaluations and the population.
 *
 * @param strategy name of the strategy
 * @param inFlight evaluations under way at a time, of asynchronous strategies
 * @param islands number of them, of the strategy {@code islands}
 * @param migration generations between their migrations
 * @param stalled evaluations without growth of the hypervolume after which the search ends, or null
 * @param seconds after which it ends, or null
 * @param warmStart run directory whose front it starts from, or null
 */
record SearchMethod(
        String strategy,
        int inFlight,
        int islands,
        int migration,
        @Nullable Integer stalled,
        @Nullable Double seconds,
        @Nullable String warmStart) {
    static final List<String> KEYS = List.of("strategy", "inFlight", "islands", "migration", "stop", "warmStart");
    static final List<String> STOP_KEYS = List.of("stalled", "seconds");
    private static final String NONE = "none";

    SearchMethod {
        if (!Strategies.names().contains(strategy)) {
            throw InvalidInputException.unknown("search.strategy", strategy, Strategies.names());
        }
    }

    /**
     * Reads the keys of {@code search:}, which were checked to be known ones.
     *
     * @param stop the keys of {@code search.stop:}
     */
    static SearchMethod parse(ObjectNode search, ObjectNode stop, String source) {
        return new SearchMethod(
                search.has("strategy") ? search.get("strategy").asText() : "nsga2",
                whole(search, "inFlight", 10_000, SteadyStateStrategy.DEFAULT_IN_FLIGHT, source),
                whole(search, "islands", 1000, IslandStrategy.DEFAULT_ISLANDS, source),
                whole(search, "migration", 10_000, IslandStrategy.DEFAULT_GENERATIONS, source),
                stop.has("stalled") ? Integer.valueOf(whole(stop, "stalled", 100_000_000, 1, source)) : null,
                stop.has("seconds") ? Double.valueOf(seconds(stop.get("seconds"), source)) : null,
                search.has("warmStart") ? search.get("warmStart").asText() : null);
    }

    private static int whole(ObjectNode node, String key, int most, int otherwise, String source) {
        return (int) Experiment.whole(node, key, 1, most, otherwise, source);
    }

    private static double seconds(JsonNode n, String source) {
        double s = n.isNumber() ? n.doubleValue() : Double.NaN;
        if (!(s > 0 && s <= 1e9)) {
            throw new InvalidInputException("%s: 'search.stop.seconds' is '%s', it must be a positive number"
                    .formatted(source, Names.shown(n.asText())));
        }
        return s;
    }

    /** Puts every setting by its key; what is unset reads {@code none}. */
    void putSettings(Map<String, String> settings) {
        settings.put("search.strategy", strategy);
        settings.put("search.inFlight", Integer.toString(inFlight));
        settings.put("search.islands", Integer.toString(islands));
        settings.put("search.migration", Integer.toString(migration));
        settings.put("search.stop.stalled", stalled == null ? NONE : stalled.toString());
        settings.put("search.stop.seconds", seconds == null ? NONE : seconds.toString());
        settings.put("search.warmStart", warmStart == null ? NONE : warmStart);
    }

    /** Whether {@code search.population} means something to the strategy. */
    boolean usesPopulation() {
        return !strategy.equals("random") && !strategy.equals("expected-gain");
    }

    SearchStrategy create(int population) {
        return Strategies.create(strategy, new Strategies.Parameters(population, inFlight, islands, migration));
    }

    StopRule stopRule() {
        return new StopRule(stalled, seconds == null ? null : Duration.ofNanos(Math.round(seconds * 1e9)));
    }
}
