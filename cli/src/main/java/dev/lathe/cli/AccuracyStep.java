package dev.lathe.cli;

import dev.lathe.base.AppendLog;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.SubnetScore;
import dev.lathe.supernet.Supernet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Evaluates random subnets with inherited weights on the validation part. */
final class AccuracyStep {
    private static final String HEADER = "architecture,top1,crossEntropy,images";
    private static final int ROWS_A_WRITE = 10;

    private AccuracyStep() {}

    /** The scores of all sampled subnets, in the sample's order; those in the file are not evaluated again. */
    static Map<Architecture, SubnetScore> run(Workbench w, Supernet supernet) throws IOException {
        List<Architecture> sample = RandomNetworks.withExtremes(
                w.space(),
                RandomNetworks.draw(
                        w.space(),
                        w.experiment().sampledNetworks(),
                        w.experiment().seed(),
                        "accuracy"));
        Map<Architecture, SubnetScore> known = new LinkedHashMap<>();
        try (AppendLog log = AppendLog.open(w.run().accuracies(), HEADER)) {
            int line = 1;
            for (String row : log.existing()) {
                line++;
                parse(row, line, w, known);
            }
            List<String> rows = new ArrayList<>();
            int done = 0;
            for (Architecture a : sample) {
                if (!known.containsKey(a)) {
                    SubnetScore s = supernet.evaluate(a, w.data().validation());
                    known.put(a, s);
                    rows.add("%s,%s,%s,%d".formatted(a, s.top1(), s.crossEntropy(), s.images()));
                    if (rows.size() == ROWS_A_WRITE) {
                        log.append(rows);
                        rows.clear();
                    }
                }
                w.progress().report("accuracies", ++done, sample.size(), "");
            }
            log.append(rows);
        }
        Map<Architecture, SubnetScore> ordered = new LinkedHashMap<>();
        for (Architecture a : sample) {
            ordered.put(a, java.util.Objects.requireNonNull(known.get(a)));
        }
        return ordered;
    }

    private static void parse(String row, int line, Workbench w, Map<Architecture, SubnetScore> into) {
        String[] cells = row.split(",", -1);
        try {
            if (cells.length == 4) {
                Architecture a = Architecture.parse(cells[0]);
                w.space().check(a);
                SubnetScore s = new SubnetScore(
                        Double.parseDouble(cells[1]), Double.parseDouble(cells[2]), Integer.parseInt(cells[3]));
                if (s.top1() >= 0 && s.top1() <= 1 && Double.isFinite(s.crossEntropy()) && into.put(a, s) == null) {
                    return;
                }
            }
        } catch (IllegalArgumentException | InvalidInputException e) {
            // The message below covers it.
        }
        throw new InvalidInputException(
                "%s line %d is no accuracy of this space: '%s'; delete the file, it is made again"
                        .formatted(w.run().accuracies(), line, Names.shown(row)));
    }
}
