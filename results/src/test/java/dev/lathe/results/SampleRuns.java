package dev.lathe.results;

import dev.lathe.results.ReportData.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs to be compared, with numbers that can be checked by hand. */
final class SampleRuns {
    private SampleRuns() {}

    /** @param topAndMs pairs of top-1 and latency in milliseconds */
    static RunSummary run(String name, String data, double[]... topAndMs) {
        List<Member> front = new ArrayList<>();
        for (double[] p : topAndMs) {
            front.add(new Member(
                    "s:" + front.size(), p[0], p[0], p[0], p[1], p[1], 0.0, 2048, 1000, 500, true, "n.onnx"));
        }
        return new RunSummary(
                name,
                Map.of("data", data, "device", "this-machine", "seed", "1", "space", "s"),
                "s",
                List.of(Metric.TOP1, Metric.LATENCY),
                Map.of(Metric.LATENCY, 3.0),
                100,
                0.5,
                front,
                true,
                front.isEmpty() ? -1 : 0);
    }

    /** The same networks of a search for a microcontroller. */
    static RunSummary firmware(RunSummary run, double ramBytes, double flashBytes) {
        return new RunSummary(
                run.name(),
                run.experiment(),
                run.space(),
                List.of(Metric.TOP1, Metric.LATENCY, Metric.PEAK_SRAM),
                Map.of(Metric.PEAK_SRAM, 2 * ramBytes),
                run.evaluations(),
                run.hypervolume(),
                run.front().stream()
                        .map(m -> m.withFirmware(Map.of(Metric.PEAK_SRAM, ramBytes, Metric.FLASH, flashBytes)))
                        .toList(),
                true,
                run.chosen());
    }
}
