package dev.lathe.results;

import dev.lathe.results.ReportData.Member;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A run beside others. Immutable; units as everywhere: milliseconds, bytes, accuracy in 0..1.
 *
 * @param name of its folder
 * @param experiment its settings by dotted key
 * @param space name of the search space
 * @param objectives metrics that it optimized; empty before it was searched
 * @param budgets hard budgets in the units of their metrics
 * @param evaluations networks that the search scored; 0 before it was searched
 * @param hypervolume of its own search, in its own box; NaN before it was searched
 * @param front members of the front: exported and measured, or, where they are not yet, as predicted
 * @param isExported whether the members were exported and measured
 * @param chosen index of the proposed member, -1 for none
 */
public record RunSummary(
        String name,
        Map<String, String> experiment,
        String space,
        List<Metric> objectives,
        Map<Metric, Double> budgets,
        long evaluations,
        double hypervolume,
        List<Member> front,
        boolean isExported,
        int chosen) {
    public RunSummary {
        experiment = Collections.unmodifiableMap(new LinkedHashMap<>(experiment));
        objectives = List.copyOf(objectives);
        budgets = Collections.unmodifiableMap(new LinkedHashMap<>(budgets));
        front = List.copyOf(front);
    }

    /** Metrics known of networks of any of the runs, in the order of {@link Metric}: those of firmware only where a front has them. */
    static List<Metric> metrics(List<RunSummary> runs) {
        return Stream.of(Metric.values())
                .filter(m -> !m.isOfFirmware()
                        || runs.stream()
                                .anyMatch(r -> r.front().stream().anyMatch(member -> !Double.isNaN(member.value(m)))))
                .toList();
    }

    /** A setting's value; empty where there is none. */
    String setting(String key) {
        return experiment.getOrDefault(key, "");
    }
}
