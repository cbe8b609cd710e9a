package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.results.ComparePage;
import dev.lathe.results.RunSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Several runs side by side. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description =
                "Writes one page of several runs: their fronts over each other, hypervolumes in one common box, what they were asked, and all their networks.",
        footer = {
            "",
            "Examples:",
            "  lathe compare results/vit results/mbconv",
            "  lathe compare results/* --out compare.html --json"
        })
final class CompareCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", arity = "1..*", description = "Run directories that were searched.")
    List<Path> folders = new ArrayList<>();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the page goes (default: ${DEFAULT-VALUE}).",
            defaultValue = "compare.html")
    Path out = Path.of("compare.html");

    @Option(names = "--json", description = "Print one JSON object on standard output instead of the table.")
    boolean json;

    @Override
    public Integer call() throws IOException {
        if (folders.size() > ComparePage.MOST_RUNS) {
            throw new InvalidInputException(
                    "%d runs were given; give at most %d".formatted(folders.size(), ComparePage.MOST_RUNS));
        }
        List<RunSummary> runs = new ArrayList<>();
        for (Path folder : folders) {
            RunSummary run = RunSummaries.read(folder);
            if (run.front().isEmpty()) {
                throw new InvalidInputException(
                        "%s has no front of latency and top-1 yet; search or export it first, or leave it out"
                                .formatted(folder));
            }
            runs.add(run);
        }
        ComparePage.write(out, runs);
        List<Double> hypervolumes = ComparePage.hypervolumes(runs);
        if (json) {
            ObjectNode o = Json.json().createObjectNode().put("page", out.toString());
            ArrayNode list = o.putArray("runs");
            for (int i = 0; i < runs.size(); i++) {
                list.addObject()
                        .put("run", folders.get(i).toString())
                        .put("space", runs.get(i).space())
                        .put("networks", runs.get(i).front().size())
                        .put("isMeasured", runs.get(i).isExported())
                        .put("hypervolume", hypervolumes.get(i));
            }
            System.out.println(Json.json().writeValueAsString(o));
        } else {
            Table t = new Table("run", "space", "networks", "values", "hypervolume in the common box");
            for (int i = 0; i < runs.size(); i++) {
                RunSummary r = runs.get(i);
                t.row(
                        folders.get(i).toString(),
                        r.space(),
                        Integer.toString(r.front().size()),
                        r.isExported() ? "measured" : "predicted",
                        "%.4f".formatted(hypervolumes.get(i)));
            }
            System.out.print(t + "page: " + out + "\n");
        }
        return 0;
    }
}
