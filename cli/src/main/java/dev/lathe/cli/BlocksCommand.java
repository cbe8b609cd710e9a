package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.results.BlocksReport;
import dev.lathe.results.BlocksReport.Kind;
import dev.lathe.results.BlocksReport.Option;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Command;

/** Which options of a space a device likes. */
@Command(
        name = "blocks",
        mixinStandardHelpOptions = true,
        description = {
            "Says which kinds of blocks, kernels, widths and depths a device likes, from what a run has measured: what"
                    + " each option adds to latency and to accuracy, and how much of the variance it makes.",
            "Writes a page and, where the space is a YAML file, a smaller space without the options that cost time and"
                    + " gain nothing (Profiling Neural Blocks)."
        },
        footer = {
            "",
            "Examples:",
            "  lathe blocks --out results/mine",
            "  lathe blocks --out results/mine --margin 1 --json"
        })
final class BlocksCommand extends StepCommand {
    @picocli.CommandLine.Option(
            names = "--margin",
            paramLabel = "POINTS",
            description =
                    "Points of top-1 that an option must be able to gain, by a 95 %% interval, to stay in the smaller"
                            + " space though another is faster (default: ${DEFAULT-VALUE}).")
    double marginPoints = 0.5;

    @picocli.CommandLine.Option(
            names = "--json",
            description = "Print one JSON object on standard output instead of the table.")
    boolean json;

    @Override
    boolean continues() {
        return true;
    }

    @Override
    int work(Workbench w) throws IOException {
        if (!(marginPoints >= 0 && marginPoints <= 100)) {
            throw new InvalidInputException(
                    "--margin is %s, it must be points of top-1 from 0 to 100".formatted(marginPoints));
        }
        BlocksStep.Result result = BlocksStep.run(w, marginPoints / 100);
        if (json) {
            ObjectNode o = Json.json().valueToTree(result.report());
            o.put("page", result.page().toString());
            if (result.smaller() != null) {
                o.put("smallerSpace", result.smaller().toString());
            }
            System.out.println(Json.json().writeValueAsString(o));
        } else {
            System.out.print(text(result.report()));
            System.out.println("page: " + result.page());
        }
        return 0;
    }

    private static String text(BlocksReport r) {
        Table t = new Table(
                "option",
                "decisions",
                "latency",
                "±",
                "relative cost",
                "top-1",
                "±",
                "share of latency",
                "smaller space");
        for (Kind k : r.kinds()) {
            for (Option o : k.options()) {
                boolean first = o.equals(k.options().get(0));
                Double cost = o.relativeCost();
                Double top1 = o.top1();
                Double error = o.top1Error();
                t.row(
                        k.name() + " "
                                + (o.value() == Math.rint(o.value()) ? "%d".formatted((long) o.value()) : o.value()),
                        Integer.toString(k.decisions()),
                        first ? "" : "%+.2f us".formatted(1000 * o.latencyMs()),
                        first ? "" : number("%.2f", 1960 * o.latencyErrorMs()),
                        cost == null ? "" : number("%.2f", cost),
                        first || top1 == null ? "" : "%+.2f".formatted(100 * top1),
                        first || error == null ? "" : number("%.2f", 196 * error),
                        first ? number("%.0f %%", 100 * k.latencyShare()) : "",
                        o.isKept() ? "kept" : "left out");
            }
        }
        return "%s%s on %s: %d networks measured, %d evaluated; the additive model explains %.1f %% of latency; %s%n"
                .formatted(
                        t, r.space(), r.device(), r.measured(), r.evaluated(), 100 * r.latencyExplained(), r.reduced());
    }

    private static String number(String format, double v) {
        return String.format(Locale.ROOT, format, v);
    }
}
