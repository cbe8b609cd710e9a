package dev.lathe.space.spaceevo;

import dev.lathe.base.Seeds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Stage instances of the published tables with their latency, for fitting predictors. */
public final class StageLatencies {
    /** A unit of the tables' last decimal, in milliseconds. */
    private static final double UNIT_MS = 1e-4;

    private StageLatencies() {}

    /**
     * One row.
     *
     * @param stage what was measured
     * @param latencyMs 8-bit latency at batch 1
     */
    public record Row(StageInstance stage, double latencyMs) {}

    /**
     * Random rows of each block type, as many of each.
     *
     * @param data folder of data sets, with spaceevo/ in it
     * @return by block type, in the hyperspace's order
     * @throws dev.lathe.base.InvalidInputException naming file and line, if a row is malformed
     */
    public static List<List<Row>> sample(Path data, Hyperspace hyperspace, int ofEach, long seed) {
        int types = hyperspace.blockTypes().size();
        List<List<Row>> sample = new ArrayList<>();
        RandomGenerator[] random = new RandomGenerator[types];
        int[] seen = new int[types];
        for (int b = 0; b < types; b++) {
            sample.add(new ArrayList<>());
            random[b] = Seeds.generator(seed, "stages", b);
        }
        // Reservoir sampling: the table is read once and not kept.
        LookupTable.read(data.resolve("spaceevo"), hyperspace, e -> {
            int b = e.stage().block();
            List<Row> rows = sample.get(b);
            int at = seen[b] < ofEach ? seen[b] : random[b].nextInt(seen[b] + 1);
            seen[b]++;
            if (at < rows.size()) {
                rows.set(at, new Row(e.stage(), e.latency() * UNIT_MS));
            } else if (at < ofEach) {
                rows.add(new Row(e.stage(), e.latency() * UNIT_MS));
            }
        });
        return sample;
    }
}
