package dev.lathe.results;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether a supernet ranks networks as training them alone does: what {@code lathe rank} found, as the report page shows it.
 * Immutable.
 *
 * @param networks compared ones, at least two
 * @param fitToSearch whether the bars are reached
 * @param verdict the same in a few words, with the bars
 * @param metrics rank correlations and losses by name, in the order to be shown
 * @param method on what both accuracies were got, in one sentence
 */
public record RankReport(
        List<Network> networks, boolean fitToSearch, String verdict, Map<String, String> metrics, String method) {
    public RankReport {
        networks = List.copyOf(networks);
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        if (networks.size() < 2) {
            throw new IllegalArgumentException("A ranking needs two networks at least, but was of " + networks.size());
        }
    }

    /**
     * A network both ways.
     *
     * @param architecture text form
     * @param inheritedTop1 with the supernet's weights, 0 to 1
     * @param aloneTop1 trained alone, 0 to 1
     */
    public record Network(String architecture, double inheritedTop1, double aloneTop1) {}
}
