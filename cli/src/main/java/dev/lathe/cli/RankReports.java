package dev.lathe.cli;

import dev.lathe.results.RankReport;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code lathe rank} left in a run, for the report page. */
final class RankReports {
    private RankReports() {}

    /** Null where the run holds no ranking, or one of too few networks because it was stopped. */
    static @Nullable RankReport read(Workbench w) throws IOException {
        List<RankStep.Row> rows = RankStep.read(w);
        if (rows.size() < RankStep.FEWEST) {
            return null;
        }
        RankStep.Quality q = RankStep.quality(rows, w.experiment().seed());
        Map<String, String> metrics = new LinkedHashMap<>();
        metrics.put("networks", Integer.toString(q.networks()));
        metrics.put("Kendall's tau", "%s (95 %%: %s to %s)".formatted(two(q.tau()), two(q.tauLow()), two(q.tauHigh())));
        metrics.put("Spearman", two(q.spearman()));
        metrics.put("tau by inherited cross-entropy", two(q.lossTau()));
        metrics.put("tau by MACs alone", two(q.macsTau()));
        metrics.put("tau by parameters alone", two(q.parametersTau()));
        metrics.put("top-1 lost, first choice", points(q.regret()));
        metrics.put("top-1 lost, best of first five", points(q.regretOf5()));
        metrics.put("alone minus inherited, mean", points(q.gap()));
        return new RankReport(
                rows.stream()
                        .map(r -> new RankReport.Network(r.architecture().toString(), r.inheritedTop1(), r.aloneTop1()))
                        .toList(),
                q.fitToSearch(),
                q.verdict() + ".",
                metrics,
                "Top-1 on the %d validation images; alone: the network by itself, by the supernet's recipe from fresh weights (lathe rank)."
                        .formatted(w.data().validation().size()));
    }

    private static String two(double v) {
        return String.format(Locale.ROOT, "%.2f", v);
    }

    private static String points(double share) {
        return two(100 * share) + " points";
    }
}
