package dev.lathe.cli;

import dev.lathe.evolve.Evaluation;
import dev.lathe.results.FrontFile;
import dev.lathe.results.Metric;
import dev.lathe.results.ReportData;
import dev.lathe.results.RunManifest;
import dev.lathe.results.RunSummary;
import dev.lathe.space.SearchSpaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a run has left so far, without holding its folder: another process may be working there. */
final class RunSummaries {
    private RunSummaries() {}

    /** @throws dev.lathe.base.InvalidInputException if the folder is no run directory, or a file in it is damaged */
    static RunSummary read(Path folder) throws IOException {
        RunManifest manifest = RunManifest.read(folder.resolve(RunManifest.FILE));
        Map<String, String> experiment = manifest.experiment();
        SearchSummary search = null;
        Path searched = folder.resolve("search.json");
        if (Files.exists(searched)) {
            search = SearchSummary.read(searched);
        }
        Path summary = folder.resolve("export").resolve(ExportStep.FILE);
        ExportStep.Exported exported = Files.exists(summary) ? ExportStep.readSummary(summary, folder) : null;
        Path file = folder.resolve("front.csv");
        FrontFile.Front searchedFront = search != null && Files.exists(file) ? FrontFile.read(file) : null;
        List<ReportData.Member> front;
        if (exported != null) {
            Map<String, Map<Metric, Double>> firmware = new HashMap<>();
            if (searchedFront != null) {
                searchedFront
                        .members()
                        .forEach(e -> firmware.put(e.architecture().toString(), firmware(searchedFront, e)));
            }
            front = exported.members().stream()
                    .map(m -> m.forReport().withFirmware(firmware.getOrDefault(m.architecture(), Map.of())))
                    .toList();
        } else {
            front = search == null || searchedFront == null ? List.of() : predicted(searchedFront, search);
        }
        Map<Metric, Double> budgets = new EnumMap<>(Metric.class);
        (search == null ? manifest.budgets() : search.budgets())
                .forEach((key, limit) -> Metric.of(key).ifPresent(m -> budgets.put(m, limit)));
        return new RunSummary(
                String.valueOf(folder.toAbsolutePath().normalize().getFileName()),
                experiment,
                SearchSpaces.nameOf(experiment.getOrDefault("space", "")),
                search == null ? List.of() : objectives(search),
                budgets,
                search == null ? 0 : search.evaluations(),
                search == null ? Double.NaN : search.hypervolume(),
                front,
                exported != null,
                exported == null ? -1 : chosen(exported));
    }

    private static int chosen(ExportStep.Exported exported) {
        return exported.chosen() < exported.members().size() ? Math.max(-1, exported.chosen()) : -1;
    }

    private static List<Metric> objectives(SearchSummary search) {
        List<Metric> metrics = new ArrayList<>();
        search.objectives().forEach(o -> Metric.of(o.replaceFirst("^[+-]", "")).ifPresent(metrics::add));
        return metrics;
    }

    /** The front as the search left it; nothing where it knew no latency or no accuracy. */
    private static List<ReportData.Member> predicted(FrontFile.Front front, SearchSummary search) {
        List<ReportData.Member> members = new ArrayList<>();
        if (!front.metrics().containsAll(List.of(Metric.TOP1.key(), Metric.LATENCY.key()))) {
            return members;
        }
        for (Evaluation e : front.members()) {
            boolean within =
                    search.budgets().entrySet().stream().allMatch(b -> !(value(front, e, b.getKey()) > b.getValue()));
            members.add(new ReportData.Member(
                    e.architecture().toString(),
                    value(front, e, Metric.TOP1.key()),
                    null,
                    null,
                    value(front, e, Metric.LATENCY.key()),
                    null,
                    null,
                    (long) value(front, e, Metric.PEAK_ACTIVATIONS.key()),
                    (long) value(front, e, Metric.MACS.key()),
                    (long) value(front, e, Metric.PARAMETERS.key()),
                    within,
                    null,
                    firmware(front, e)));
        }
        return members;
    }

    /** Planned RAM and flash, where the search looked at them. */
    private static Map<Metric, Double> firmware(FrontFile.Front front, Evaluation e) {
        Map<Metric, Double> bytes = new EnumMap<>(Metric.class);
        for (Metric m : Metric.values()) {
            if (m.isOfFirmware() && front.metrics().contains(m.key())) {
                bytes.put(m, value(front, e, m.key()));
            }
        }
        return bytes;
    }

    private static double value(FrontFile.Front front, Evaluation e, @Nullable String metric) {
        int at = front.metrics().indexOf(metric);
        return at < 0 ? Double.NaN : e.value(at);
    }
}
