package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.RankQuality;
import dev.lathe.predict.adapt.LatencyInterval;
import dev.lathe.predict.adapt.LatencyTable;
import dev.lathe.predict.adapt.LatencyTableReader;
import dev.lathe.predict.adapt.TransferAdapter;
import dev.lathe.predict.train.adapt.TransferTrainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What a few measurements would have told of each device of a table, had the others been known: on a table of whatever space and
 * devices. The device's latencies are used of the networks chosen to be measured, and then only to judge.
 */
@Command(
        name = "judge",
        mixinStandardHelpOptions = true,
        description = {
            "Says how well a device is predicted from a few measurements and the other devices, for each device of a latency table of any space.",
            "The table is CSV: a column index, columns of whole numbers that are choices, one column of milliseconds a device; or two such files with the same index column."
        },
        footer = {
            "",
            "Examples:",
            "  lathe pool judge table.csv --choices kernel1,kernel2,width",
            "  lathe pool judge ofa_latency.csv.gz --architectures ofa_archs.csv.gz --samples 20"
        })
final class PoolJudge implements Callable<Integer> {
    private static final double LEVEL = 0.9;
    private static final int MOST_JUDGED = 1000;
    private static final int MOST_SAMPLES = 200;

    @Parameters(paramLabel = "LATENCIES.csv", description = "The table; gzip where its name ends in .gz.")
    Path latencies = Path.of("");

    @Option(
            names = "--architectures",
            paramLabel = "FILE",
            description = "Another file with the choices; all columns of LATENCIES.csv but index are then devices.")
    @Nullable
    Path architectures;

    @Option(
            names = "--choices",
            paramLabel = "NAME[,NAME...]",
            split = ",",
            description = "Columns of LATENCIES.csv that are choices; all others but index are devices.")
    List<String> choices = new ArrayList<>();

    @Option(
            names = "--device",
            paramLabel = "NAME[,NAME...]",
            split = ",",
            description = "Judge these devices (default: each).")
    List<String> devices = new ArrayList<>();

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "Measurements of the device (default: ${DEFAULT-VALUE}).")
    int samples = 10;

    @Option(
            names = "--known",
            paramLabel = "N",
            description = "Architectures that the other devices were measured on (default: ${DEFAULT-VALUE}).")
    int known = 500;

    @Option(names = "--seed", description = "Seed of all randomness (default: ${DEFAULT-VALUE}).")
    long seed = 1;

    @Option(names = "--json", description = "Print one JSON document.")
    boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress on standard error.")
    boolean quiet;

    /**
     * How one device was predicted.
     *
     * @param judged architectures that neither the training nor the device's measurements had
     * @param inside how many of these are within their 90 % intervals
     */
    record Judgement(String device, int judged, RankQuality quality, int inside) {}

    @Override
    public Integer call() throws IOException {
        if (samples < 2 || samples > MOST_SAMPLES) {
            throw new InvalidInputException("--samples is %d, it must be 2 to %d".formatted(samples, MOST_SAMPLES));
        }
        if ((architectures == null) == choices.isEmpty()) {
            throw new InvalidInputException(
                    "say which columns are choices: --choices NAME,NAME where they stand in %s, or --architectures FILE"
                            .formatted(latencies));
        }
        LatencyTable table = architectures == null
                ? LatencyTableReader.read(latencies, choices)
                : LatencyTableReader.read(architectures, latencies);
        List<Judgement> all = judge(table, ExecutionOptions.progress(quiet));
        if (json) {
            ArrayNode a = Json.json().createArrayNode();
            all.forEach(j -> a.addObject()
                    .put("device", j.device)
                    .put("samples", samples)
                    .put("judged", j.judged)
                    .put("spearman", j.quality.spearman())
                    .put("medianAbsolutePercentageError", j.quality.medianAbsolutePercentageError())
                    .put("within90", j.inside));
            System.out.println(Json.json().writeValueAsString(a));
            return 0;
        }
        Table t = new Table("device", "judged on", "Spearman", "median error", "within 90 % intervals");
        for (Judgement j : all) {
            t.row(
                    j.device,
                    "%,d".formatted(j.judged),
                    String.format(Locale.ROOT, "%.3f", j.quality.spearman()),
                    String.format(Locale.ROOT, "%.1f %%", j.quality.medianAbsolutePercentageError()),
                    String.format(Locale.ROOT, "%.1f %%", 100.0 * j.inside / j.judged));
        }
        System.out.print(t);
        System.out.printf(
                "%d measurements of each, the others known on up to %,d architectures (%d choices)%n",
                samples, known, table.columns().size());
        return 0;
    }

    private List<Judgement> judge(LatencyTable table, ProgressListener progress) {
        int least = TransferTrainer.LEAST_ARCHITECTURES;
        if (known < least || table.size() < least + 2) {
            throw new InvalidInputException(
                    "%s has %d architectures, of which --known %d are to teach; at least %d teach, and others judge"
                            .formatted(latencies, table.size(), known, least));
        }
        if (table.devices().size() <= TransferTrainer.LEAST_DEVICES) {
            throw new InvalidInputException("%s has %d devices; to judge one, at least %d others must be there"
                    .formatted(latencies, table.devices().size(), TransferTrainer.LEAST_DEVICES));
        }
        int[] order = Seeds.permutation(table.size(), Seeds.generator(seed, "judge", 0));
        // At least half as many judge.
        int teaching = Math.min(known, Math.max(least, 2 * table.size() / 3));
        int[] taught = Arrays.copyOf(order, teaching);
        int[] judging = judging(table, taught, Arrays.copyOfRange(order, teaching, order.length));
        List<Judgement> all = new ArrayList<>();
        List<String> asked = devices.isEmpty() ? table.devices() : devices;
        for (String device : asked) {
            double[] own = table.latencyMs(device);
            List<String> others =
                    table.devices().stream().filter(d -> !d.equals(device)).toList();
            TransferAdapter adapter = FewShot.learn(table.part(taught, others), seed, ProgressListener.SILENT);
            int[][] candidates = Arrays.stream(taught).mapToObj(table::choices).toArray(int[][]::new);
            int[] support = adapter.chooseSupport(candidates, samples, Seeds.generator(seed, "judge support", 0));
            LatencyInterval[] intervals = adapter.adapt(
                            Arrays.stream(support).mapToObj(i -> candidates[i]).toArray(int[][]::new),
                            Arrays.stream(support)
                                    .mapToDouble(i -> own[taught[i]])
                                    .toArray())
                    .intervals(Arrays.stream(judging).mapToObj(table::choices).toArray(int[][]::new), LEVEL);
            double[] measured = Arrays.stream(judging).mapToDouble(i -> own[i]).toArray();
            double[] predicted = Arrays.stream(intervals)
                    .mapToDouble(LatencyInterval::latencyMs)
                    .toArray();
            int inside = (int) IntStream.range(0, measured.length)
                    .filter(i -> intervals[i].contains(measured[i]))
                    .count();
            all.add(new Judgement(device, judging.length, RankMetrics.of(predicted, measured), inside));
            progress.report("devices", all.size(), asked.size(), device);
        }
        return all;
    }

    /** Of the rows that do not teach, those whose every choice some row that teaches makes, too. */
    private int[] judging(LatencyTable table, int[] taught, int[] rest) {
        List<Set<Integer>> seen = new ArrayList<>();
        for (int c = 0; c < table.columns().size(); c++) {
            seen.add(new HashSet<>());
        }
        for (int row : taught) {
            int[] made = table.choices(row);
            for (int c = 0; c < made.length; c++) {
                seen.get(c).add(made[c]);
            }
        }
        int[] judging = Arrays.stream(rest)
                .filter(row -> {
                    int[] made = table.choices(row);
                    return IntStream.range(0, made.length)
                            .allMatch(c -> seen.get(c).contains(made[c]));
                })
                .limit(MOST_JUDGED)
                .toArray();
        if (judging.length < 2) {
            throw new InvalidInputException(
                    "%s: of the architectures that are left to judge, %d make only choices that are known; give more architectures, or a higher --known"
                            .formatted(latencies, judging.length));
        }
        return judging;
    }
}
