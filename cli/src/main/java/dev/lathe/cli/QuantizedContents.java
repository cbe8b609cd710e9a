package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.results.Provenance;
import dev.lathe.space.SearchSpace;
import dev.lathe.supernet.data.DataSplit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What it takes to write an export's quantized networks once more, in whichever form, and the way through them.
 *
 * @param export the folder
 * @param found where findings go
 * @param space of a network, by where it comes from
 * @param data the run's; null where it is not in reach
 * @param fingerprint of the data; empty without data
 */
record QuantizedContents(
        Path export,
        ExportFindings found,
        ProgressListener progress,
        Function<Provenance, SearchSpace> space,
        @Nullable DataSplit data,
        String fingerprint) {
    /**
     * One network.
     *
     * @param name by which progress is told
     * @param contents what is written again, as findings call it
     * @param card its card's file
     * @param isFaulty whether one of its files is not as it was exported
     */
    record Network(String name, String contents, String card, boolean isFaulty) {}

    /** Writes a network again. */
    @FunctionalInterface
    interface Writer {
        /** Whether it could be written again, and is the same. */
        boolean isSame(Network network) throws IOException;
    }

    /** How many are the same, written again; faults go to the findings. */
    int same(String task, List<Network> networks, Writer writer) throws IOException {
        int same = 0;
        int done = 0;
        for (Network n : networks) {
            if (n.isFaulty) {
                found.notChecked(
                        "contents of %s, because one of its files is not as it was exported".formatted(n.contents));
            } else {
                try {
                    same += writer.isSame(n) ? 1 : 0;
                } catch (InvalidInputException e) {
                    found.fault(n.card, "or its network cannot be used: " + e.getMessage());
                }
            }
            progress.report(task, ++done, networks.size(), n.name);
        }
        return same;
    }
}
