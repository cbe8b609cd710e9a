package dev.lathe.cli;

import dev.lathe.space.Architecture;
import dev.lathe.supernet.SubnetScore;
import dev.lathe.supernet.Supernet;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Evaluates random subnets with inherited weights on the validation part. */
final class AccuracyStep {
    private AccuracyStep() {}

    /** The scores of all sampled subnets, in the sample's order. */
    static Map<Architecture, SubnetScore> run(Workbench w, Supernet supernet) throws IOException {
        List<Architecture> sample = RandomNetworks.withExtremes(
                w.space(),
                RandomNetworks.draw(
                        w.space(),
                        w.experiment().sampledNetworks(),
                        w.experiment().seed(),
                        "accuracy"));
        Map<Architecture, SubnetScore> ordered = new LinkedHashMap<>();
        try (InheritedScores scores = InheritedScores.open(w, supernet)) {
            for (Architecture a : sample) {
                ordered.put(a, scores.of(a));
                w.progress().report("accuracies", ordered.size(), sample.size(), "");
            }
        }
        return ordered;
    }
}
