package dev.lathe.space.spaceevo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The published table of stage instances of one hyperspace. */
final class LookupTable {
    private static final String HEADER = "stage,block,window,substage,cin,hw,nsr_loss,mmacs,mparams,int8_latency_ms";

    private LookupTable() {}

    /**
     * One row. Published figures are in units of their last decimal, the fourth.
     *
     * @param stage what it is of
     * @param macs 100 multiply-accumulates
     * @param parameters 100 parameters
     * @param latency 0.1 microseconds
     */
    record Entry(StageInstance stage, long macs, long parameters, long latency) {}

    static Path file(Path folder, Hyperspace h) {
        return folder.resolve("block_lut_" + h.id() + ".csv.gz");
    }

    /** Rows in the order of the file; one that lies outside the hyperspace is refused. */
    static void read(Path folder, Hyperspace h, Consumer<Entry> reader) {
        CsvRows.read(file(folder, h), HEADER, row -> reader.accept(entry(h, row)));
    }

    private static Entry entry(Hyperspace h, CsvRows.Row row) {
        int stage = row.whole(0);
        int block = row.whole(1);
        int window = row.whole(2);
        if (stage < 1
                || stage > Hyperspace.STAGES
                || block < 0
                || block >= h.blockTypes().size()
                || window < 0
                || window >= h.stage(stage).windows()) {
            throw row.wrong(
                    "stage %d, block %d, window %d is not of hyperspace %s".formatted(stage, block, window, h.id()));
        }
        ElasticStage plan = h.stage(stage);
        String[] tokens = row.text(3).split("_", -1);
        List<BlockChoice> blocks = new ArrayList<>(tokens.length);
        for (String token : tokens) {
            blocks.add(block(h.blockTypes().get(block), plan.widths(window), token, row));
        }
        List<Integer> inputs = stage == 1 ? h.stemWidths() : h.stage(stage - 1).widths();
        int channels = row.whole(4);
        if (blocks.size() < plan.minDepth() || blocks.size() > plan.maxDepth() || !inputs.contains(channels)) {
            throw row.wrong("%d blocks on %d channels are not of stage %d".formatted(blocks.size(), channels, stage));
        }
        int side = row.whole(5);
        if (side < 1 || side > 1024) {
            throw row.wrong("an input of %d pixels a side".formatted(side));
        }
        return new Entry(
                new StageInstance(h, stage, block, channels, side, blocks),
                row.fourDecimals(7),
                row.fourDecimals(8),
                row.fourDecimals(9));
    }

    /** From {@code kernel#width#expansion}, {@code -} standing for no expansion. */
    private static BlockChoice block(BlockType type, List<Integer> widths, String token, CsvRows.Row row) {
        String[] parts = token.split("#", -1);
        if (parts.length != 3) {
            throw row.wrong("'%s' is no block".formatted(dev.lathe.base.Names.shown(token)));
        }
        boolean none = parts[2].equals("-");
        BlockChoice c = new BlockChoice(row.whole(parts[0]), row.whole(parts[1]), none ? 0 : row.decimal(parts[2]));
        if (!type.kernels().contains(c.kernel())
                || !widths.contains(c.width())
                || (none ? !type.expansions().isEmpty() : !type.expansions().contains(c.expansion()))) {
            throw row.wrong("block '%s' is none of %s with widths %s"
                    .formatted(dev.lathe.base.Names.shown(token), type.name(), widths));
        }
        return c;
    }
}
