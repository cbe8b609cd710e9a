package dev.lathe.space.spaceevo;

import dev.lathe.base.InvalidInputException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The published table of one hyperspace as columns: for each stage, block type, window of widths and image resolution the loss and
 * the latency of about 333 random stage instances. Immutable once read.
 */
public final class StageTables {
    /** Image resolutions of the tables, rows and columns. */
    public static final List<Integer> RESOLUTIONS = List.of(224, 192, 160);

    private static final String HEADER = "stage,block,window,substage,cin,hw,nsr_loss,mmacs,mparams,int8_latency_ms";
    /** By how much the image is smaller where a stage begins. */
    private static final int[] DIVISORS = {2, 4, 8, 16, 16, 32};
    /** The tables hold 320 channels into the head, for the VNNI hyperspace's 304. */
    private static final int HEAD_CHANNELS = 320;

    private final Hyperspace hyperspace;
    /** By stage, block, window and resolution; pairs of loss and latency. */
    private final Column[][][][] columns;

    private final double[] fixedMs;

    /** A growing list of pairs. */
    private static final class Column {
        private float[] losses = new float[512];
        private float[] latencies = new float[512];
        private int size;

        void add(double loss, double latency) {
            if (size == losses.length) {
                losses = Arrays.copyOf(losses, 2 * size);
                latencies = Arrays.copyOf(latencies, 2 * size);
            }
            losses[size] = (float) loss;
            latencies[size++] = (float) latency;
        }
    }

    private StageTables(Hyperspace hyperspace, double[] fixedMs) {
        this.hyperspace = hyperspace;
        this.fixedMs = fixedMs;
        this.columns = new Column[Hyperspace.STAGES][][][];
        for (int s = 0; s < Hyperspace.STAGES; s++) {
            columns[s] = new Column[hyperspace.blockTypes().size()]
                    [hyperspace.stage(s + 1).windows()][];
            for (Column[][] block : columns[s]) {
                for (int w = 0; w < block.length; w++) {
                    block[w] = new Column[RESOLUTIONS.size()];
                    Arrays.setAll(block[w], r -> new Column());
                }
            }
        }
    }

    /**
     * @param data folder of data sets, with spaceevo/ in it
     * @throws InvalidInputException naming file and line if a row is malformed, or a table lacks a resolution
     */
    public static StageTables read(Path data, Hyperspace hyperspace) {
        Path folder = data.resolve("spaceevo");
        double[] fixed = new double[RESOLUTIONS.size()];
        if (hyperspace == Hyperspace.ONNXW) {
            VnniBlockTable blocks = VnniBlockTable.read(folder);
            for (int r = 0; r < fixed.length; r++) {
                int resolution = RESOLUTIONS.get(r);
                fixed[r] = blocks.stemAndHeadMs(resolution, HEAD_CHANNELS)
                        .orElseThrow(() -> new InvalidInputException(
                                "the block table lacks the stem or the head at %d pixels; fetch the file again"
                                        .formatted(resolution)));
            }
        }
        StageTables t = new StageTables(hyperspace, fixed);
        CsvRows.read(LookupTable.file(folder, hyperspace), HEADER, row -> {
            int stage = row.whole(0);
            int block = row.whole(1);
            int window = row.whole(2);
            int resolution = stage < 1 || stage > Hyperspace.STAGES
                    ? -1
                    : RESOLUTIONS.indexOf(row.whole(5) * DIVISORS[stage - 1]);
            if (resolution < 0
                    || block < 0
                    || block >= hyperspace.blockTypes().size()
                    || window < 0
                    || window >= hyperspace.stage(stage).windows()) {
                throw row.wrong("stage %d, block %d, window %d, %d pixels is not of hyperspace %s"
                        .formatted(stage, block, window, row.whole(5), hyperspace.id()));
            }
            double loss = row.decimal(6);
            double latency = row.decimal(9);
            if (loss < 0 || latency < 0) {
                throw row.wrong("a loss or latency below 0");
            }
            t.columns[stage - 1][block][window][resolution].add(loss, latency);
        });
        for (int s = 0; s < Hyperspace.STAGES; s++) {
            for (Column[][] block : t.columns[s]) {
                for (Column[] window : block) {
                    for (Column c : window) {
                        if (c.size == 0) {
                            throw new InvalidInputException(
                                    "%s has no row for some block, window and resolution of stage %d; fetch the file again"
                                            .formatted(LookupTable.file(folder, hyperspace), s + 1));
                        }
                    }
                }
            }
        }
        return t;
    }

    public Hyperspace hyperspace() {
        return hyperspace;
    }

    /** Milliseconds of what all networks have, at a resolution by index; 0 where no table has it. */
    double fixedMs(int resolution) {
        return fixedMs[resolution];
    }

    /** Rows for stage {@code stage}, from 0, at a resolution by index. */
    int rows(int stage, int block, int window, int resolution) {
        return columns[stage][block][window][resolution].size;
    }

    float loss(int stage, int block, int window, int resolution, int row) {
        return columns[stage][block][window][resolution].losses[row];
    }

    float latencyMs(int stage, int block, int window, int resolution, int row) {
        return columns[stage][block][window][resolution].latencies[row];
    }
}
