package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.supernet.SubnetScore;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains some networks alone and says whether the supernet ranks them alike. */
@Command(
        name = "rank",
        mixinStandardHelpOptions = true,
        description = {
            "Says whether the supernet is fit to search: trains networks of every size alone, by the same recipe, and compares.",
            "Prints Kendall's tau, Spearman's rho and the top-1 lost by trusting the supernet, beside ranking by MACs and parameters."
        },
        footer = {
            "",
            "Takes the supernet of --out, or trains it. What is trained already is not trained again. lathe report shows it too.",
            "Examples:",
            "  lathe rank --out results/mine",
            "  lathe rank --space vit-tiny --networks 30 --out results/vit --json"
        })
final class RankCommand extends StepCommand {
    @Option(
            names = "--networks",
            paramLabel = "N",
            description = "Networks to train alone (default: ${DEFAULT-VALUE}).")
    int networks = 30;

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    @Override
    boolean continues() {
        return true;
    }

    @Override
    int work(Workbench w) throws IOException {
        if (networks < RankStep.FEWEST || networks > 10_000) {
            throw new InvalidInputException("--networks is %d; give %d to 10000: fewer cannot show a ranking"
                    .formatted(networks, RankStep.FEWEST));
        }
        TrainStep.run(w);
        List<RankStep.Row> rows = RankStep.run(w, networks);
        RankStep.Quality q = RankStep.quality(rows, w.experiment().seed());
        w.say("");
        System.out.print(
                json
                        ? Json.json()
                                        .writeValueAsString(json(
                                                rows, q, w.data().validation().size())) + "\n"
                        : text(w, rows, q));
        return 0;
    }

    private static String text(Workbench w, List<RankStep.Row> rows, RankStep.Quality q) {
        Table t = new Table("architecture", "MACs", "inherited", "alone");
        rows.forEach(r -> t.row(
                r.architecture().toString(),
                Quantities.show("macs", r.macs()),
                Quantities.show("top1", r.inheritedTop1()),
                Quantities.show("top1", r.aloneTop1())));
        return t
                + verdict(q)
                + "\naccuracies on the %d validation images; rows: %s%n"
                        .formatted(w.data().validation().size(), w.folder().resolve(RankStep.FILE));
    }

    /** The verdict and its numbers, in one or two lines. */
    static String verdict(RankStep.Quality q) {
        return ("%s: Kendall's tau %.2f (95 %% interval %.2f to %.2f) over %d networks, Spearman %.2f; by cross-entropy tau %.2f, by MACs alone %.2f, by parameters %.2f.%n"
                        + "Trusting the supernet costs %.2f points of top-1 (its first choice) or %.2f (best of its first five); alone minus inherited: %.2f points on average.")
                .formatted(
                        q.verdict(),
                        q.tau(),
                        q.tauLow(),
                        q.tauHigh(),
                        q.networks(),
                        q.spearman(),
                        q.lossTau(),
                        q.macsTau(),
                        q.parametersTau(),
                        100 * q.regret(),
                        100 * q.regretOf5(),
                        100 * q.gap());
    }

    private static ObjectNode json(List<RankStep.Row> rows, RankStep.Quality q, int images) {
        ObjectNode o = Json.json().createObjectNode();
        o.put("fitToSearch", q.fitToSearch())
                .put("networks", q.networks())
                .put("kendallTau", q.tau())
                .put("kendallTauLow", q.tauLow())
                .put("kendallTauHigh", q.tauHigh())
                .put("spearman", q.spearman())
                .put("crossEntropyKendallTau", q.lossTau())
                .put("macsKendallTau", q.macsTau())
                .put("parametersKendallTau", q.parametersTau())
                .put("regretTop1", q.regret())
                .put("regretOfFiveTop1", q.regretOf5())
                .put("meanGapTop1", q.gap());
        ArrayNode list = o.putArray("rows");
        rows.forEach(r -> list.addObject()
                .put("architecture", r.architecture().toString())
                .put("macs", r.macs())
                .put("parameters", r.parameters())
                .put("inheritedTop1", r.inheritedTop1())
                .put("inheritedTop1StandardError", SubnetScore.standardError(r.inheritedTop1(), images))
                .put("aloneTop1", r.aloneTop1())
                .put("aloneTop1StandardError", SubnetScore.standardError(r.aloneTop1(), images))
                .put("seconds", r.seconds()));
        return o;
    }
}
