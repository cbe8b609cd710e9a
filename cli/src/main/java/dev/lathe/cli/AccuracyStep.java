package dev.lathe.cli;

import dev.lathe.space.Architecture;
import dev.lathe.supernet.SubnetScore;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Evaluates random subnets with inherited weights on the validation part, here or on a cluster. */
final class AccuracyStep {
    private AccuracyStep() {}

    /** The scores of all sampled subnets, in the sample's order, with the run's supernet. */
    static Map<Architecture, SubnetScore> run(Workbench w) throws IOException {
        List<Architecture> sample = sample(w);
        Map<Architecture, SubnetScore> ordered = new LinkedHashMap<>();
        String master = w.execution().master;
        try (InheritedScores scores = InheritedScores.openLazily(w)) {
            if (master != null) {
                scores.evaluateOnSpark(sample, master);
            }
            for (Architecture a : sample) {
                ordered.put(a, scores.of(a));
                w.progress().report("accuracies", ordered.size(), sample.size(), "");
            }
        }
        return ordered;
    }

    /** The networks whose quality is evaluated: random ones, the smallest and the largest. */
    static List<Architecture> sample(Workbench w) {
        return RandomNetworks.withExtremes(
                w.space(),
                RandomNetworks.draw(
                        w.space(),
                        w.experiment().sampledNetworks(),
                        w.experiment().seed(),
                        "accuracy"));
    }
}
