package dev.lathe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.adapt.LatencyTable;
import dev.lathe.predict.adapt.LatencyTableReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * HELP's experiment on NAS-Bench-201: which devices are known, which are new, what may be measured, what is judged.
 *
 * <p>P800: rows 900 to 1,899, of which each device's slowest and fastest tenth are left out. FULL: all rows. Measurements on
 * a new device are taken from rows 0 to 899, untrimmed, since trimming would need the latencies; known devices were
 * measured on the same rows and on no others.
 *
 * @see <a href="https://arxiv.org/abs/2106.08630">Lee et al., HELP, NeurIPS 2021</a>
 */
final class HelpProtocol {
    static final List<String> KNOWN = List.of(
            "1080ti_1",
            "1080ti_32",
            "1080ti_256",
            "silver_4114",
            "silver_4210r",
            "samsung_a50",
            "pixel3",
            "essential_ph_1",
            "samsung_s7");

    /** Devices by which a meta-training may choose its best episode. */
    static final List<String> VALIDATION = List.of("titanx_1", "titanx_32", "titanx_256", "gold_6240");

    static final List<String> UNSEEN = List.of("titan_rtx_256", "gold_6226", "pixel2", "raspi4", "eyeriss", "fpga");

    static final int POOL = 900;
    private static final int QUERIES_END = 1_900;
    private static final double TRIMMED = 0.1;
    private static final String FOLDER = "help";

    private final LatencyTable table;

    HelpProtocol(LatencyTable table) {
        if (table.size() < QUERIES_END) {
            throw new InvalidInputException(
                    "HELP's experiment needs %d architectures, the table has %d; give the whole table"
                            .formatted(QUERIES_END, table.size()));
        }
        this.table = table;
    }

    /** @param data folder of the data sets */
    static HelpProtocol read(Path data) throws IOException {
        Path folder = data.resolve(FOLDER);
        if (!Files.isDirectory(folder)) {
            throw new InvalidInputException(
                    "no folder %s; give the folder of the data sets by --data".formatted(folder));
        }
        return new HelpProtocol(LatencyTableReader.read(
                folder.resolve("nasbench201_archs.csv.gz"), folder.resolve("nasbench201_latency.csv.gz")));
    }

    /** Rows of the architectures whose latencies are HELP's hardware embedding. */
    static int[] references(Path data) throws IOException {
        Path file = data.resolve(FOLDER).resolve("reference_architectures.json");
        try {
            int[] rows = Json.json()
                    .treeToValue(Json.json().readTree(Files.readString(file)).path("nasbench201"), int[].class);
            if (rows != null && rows.length > 1) {
                return rows;
            }
        } catch (JsonProcessingException e) {
            throw new InvalidInputException("%s is no JSON: fetch it again".formatted(file), e);
        }
        throw new InvalidInputException("%s names no references of nasbench201; fetch it again".formatted(file));
    }

    /** Devices a training may use: the known ones, and those for validation. */
    static List<String> trained() {
        return Stream.concat(KNOWN.stream(), VALIDATION.stream()).toList();
    }

    LatencyTable table() {
        return table;
    }

    /** What the known devices, and those given besides, measured. */
    LatencyTable pool(List<String> devices) {
        return table.part(IntStream.range(0, POOL).toArray(), devices);
    }

    /** Rows judged by P800 on a device: the middle 800 of the block after the pool. */
    int[] p800(String device) {
        double[] latency = table.latencyMs(device);
        int cut = (int) Math.round(TRIMMED * (QUERIES_END - POOL));
        int[] byLatency = IntStream.range(POOL, QUERIES_END)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> latency[i]))
                .mapToInt(i -> i)
                .toArray();
        return Arrays.stream(byLatency, cut, byLatency.length - cut).sorted().toArray();
    }

    /** The block after the pool, untrimmed: what intervals and errors are judged on. */
    int[] block() {
        return IntStream.range(POOL, QUERIES_END).toArray();
    }

    static double spearman(double[] predictedOfAll, double[] measuredOfAll, int[] rows) {
        return RankMetrics.spearman(pick(predictedOfAll, rows), pick(measuredOfAll, rows));
    }

    static double[] pick(double[] values, int[] rows) {
        return Arrays.stream(rows).mapToDouble(r -> values[r]).toArray();
    }
}
