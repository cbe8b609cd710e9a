package dev.lathe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.graph.memory.DeploymentOptions;
import dev.lathe.graph.memory.DeploymentPlan;
import dev.lathe.graph.memory.DeploymentPlanner;
import dev.lathe.graph.memory.DeploymentReport;
import dev.lathe.results.GraphPicture;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.SpaceStatistics;
import dev.lathe.space.Task;
import dev.lathe.space.TaskShape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one search space: decisions, costs of a random sample, how much of it meets a budget, and one network's picture. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = {
            "Shows a search space: its decisions, what random networks of it cost, and how many of them meet a budget.",
            "lathe spaces choose compares several."
        },
        footer = {
            "",
            "Examples:",
            "  lathe spaces show vit-tiny",
            "  lathe spaces show my-space.yaml --budget peakActivation='64 KiB' --budget parameters=1M",
            "  lathe spaces show ofa-mobilenetv3 --image-size 96 --svg network.svg --json",
            "  lathe spaces show mcuformer-t --schedule"
        })
final class SpacesShowCommand implements Callable<Integer> {
    private static final int MOST_SAMPLES = 10_000_000;
    private static final List<Double> QUANTILES = List.of(0.0, 0.05, 0.5, 0.95, 1.0);

    @Parameters(
            paramLabel = "SPACE",
            description = "A search space's name, or the path of a YAML file that describes one.")
    String name = "";

    @Option(
            names = "--image-size",
            paramLabel = "PIXELS",
            description = "Side of the images (default: that of the space's usual task).")
    @Nullable
    Integer imageSize;

    @Option(names = "--channels", description = "Image channels (default: those of the space's usual task).")
    @Nullable
    Integer channels;

    @Option(names = "--classes", description = "Classes (default: those of the space's usual task).")
    @Nullable
    Integer classes;

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Random networks that are costed (default: ${DEFAULT-VALUE}).")
    int samples = 1000;

    @Option(names = "--seed", defaultValue = "1", description = "Seed of the sample (default: ${DEFAULT-VALUE}).")
    long seed = 1;

    @Option(
            names = "--budget",
            paramLabel = "NAME=LIMIT",
            description = "Counts the networks within peakActivation, macs and parameters; may be given several times.")
    Map<String, String> budgets = new LinkedHashMap<>();

    @Option(
            names = "--architecture",
            paramLabel = "TEXT",
            description = "The network of the picture and of the memory plan, as SPACE:0-1-2 (default: the largest).")
    @Nullable
    String architecture;

    @Option(
            names = "--schedule",
            description = "Says how that network would run on a microcontroller: step by step, with the bytes of each.")
    boolean schedule;

    @Option(names = "--svg", paramLabel = "FILE", description = "Draws the network as an SVG picture.")
    @Nullable
    Path svg;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress on standard error.")
    boolean quiet;

    @Option(names = "--json", description = "Print one JSON document.")
    boolean json;

    @Override
    public Integer call() throws Exception {
        checkSamples(samples, MOST_SAMPLES);
        Map<String, Double> limits = limits(budgets);
        SearchSpace space = SearchSpaces.create(name, task(SearchSpaces.usualTask(name)));
        Architecture shown = architecture == null ? space.largest() : Architecture.parse(architecture);
        Graph graph = space.lower(shown);
        ObjectNode o = outline(space);
        ArrayNode decisions = o.putArray("decisions");
        for (Decision d : space.decisions()) {
            ArrayNode choices = decisions.addObject().put("name", d.name()).putArray("choices");
            d.choices().forEach(choices::add);
        }
        SpaceStatistics statistics = SpaceStatistics.sample(space, samples, seed, ExecutionOptions.progress(quiet));
        ObjectNode sample = o.putObject("sample").put("networks", samples).put("seed", seed);
        for (String metric : SpaceStatistics.METRICS) {
            ArrayNode values = sample.putArray(metric);
            QUANTILES.forEach(q -> values.add(statistics.quantile(metric, q)));
        }
        if (!limits.isEmpty()) {
            SpaceStatistics.Fit fit = statistics.fitting(limits);
            ObjectNode f = o.putObject("fitting");
            limits.forEach(f.putObject("limits")::put);
            f.put("networks", fit.networks()).put("share", fit.share());
            if (fit.networks() > 0) {
                f.put("meanMacs", fit.meanMacs());
            }
        }
        DeploymentPlan plan = DeploymentPlanner.plan(graph, DeploymentOptions.int8());
        ObjectNode network = network(shown, graph, plan);
        o.set("network", network);
        String words = schedule ? DeploymentReport.of(graph, plan) : "";
        if (schedule) {
            words.lines().forEach(network.putArray("schedule")::add);
        }
        if (svg != null) {
            String picture = GraphPicture.svg(graph, space.name(), shown.toString());
            AtomicFiles.writeString(svg, picture);
        }
        if (json) {
            System.out.println(Json.json().writeValueAsString(o));
        } else {
            print(o);
            printDetails(o);
            if (schedule) {
                System.out.print("\n" + words);
            }
        }
        return 0;
    }

    static void checkSamples(int samples, int most) {
        if (samples < 1 || samples > most) {
            throw new InvalidInputException("--samples is %d, it must be 1 to %,d".formatted(samples, most));
        }
    }

    /** Fixed limits on what can be read off a graph. */
    static Map<String, Double> limits(Map<String, String> budgets) {
        Map<String, Double> limits = new LinkedHashMap<>();
        budgets.forEach((budget, text) -> {
            Quantities.BudgetText b = Quantities.budget(budget, text);
            if (!SpaceStatistics.METRICS.contains(b.metric()) || b.isPercentile()) {
                throw new InvalidInputException(
                        "--budget %s=%s: a space is counted without a device, by fixed limits on peakActivation, macs and parameters"
                                .formatted(budget, text));
            }
            limits.put(b.metric(), b.limit());
        });
        return limits;
    }

    private Task task(Task usual) {
        if (!(usual instanceof TaskShape t)) {
            return usual;
        }
        return new TaskShape(
                channels == null ? t.channels() : channels,
                imageSize == null ? t.height() : imageSize,
                imageSize == null ? t.width() : imageSize,
                classes == null ? t.classes() : classes);
    }

    /** What a line of the list says of a space. */
    static ObjectNode outline(SearchSpace space) {
        ObjectNode o = Json.json()
                .createObjectNode()
                .put("name", space.name())
                .put("description", space.description())
                .put("architectures", space.size());
        o.set("smallest", costs(space.smallest(), space.lower(space.smallest())));
        o.set("largest", costs(space.largest(), space.lower(space.largest())));
        return o;
    }

    private static ObjectNode costs(Architecture a, Graph g) {
        CostModel.Cost c = CostModel.of(g);
        return Json.json()
                .createObjectNode()
                .put("architecture", a.toString())
                .put("parameters", c.parameters())
                .put("macs", c.macs())
                .put("peakActivationBytes", MemoryPlanner.peakBytes(g, Float.BYTES));
    }

    /** The costs of one network, and what it needs on a microcontroller. */
    private static ObjectNode network(Architecture a, Graph g, DeploymentPlan plan) {
        ObjectNode o = costs(a, g);
        o.putObject("int8Deployment").put("peakSramBytes", plan.peakSramBytes()).put("flashBytes", plan.flashBytes());
        return o;
    }

    static void print(JsonNode o) {
        System.out.printf(
                "%s: %s%n", o.get("name").asText(), o.get("description").asText());
        System.out.printf("  %,d architectures%n", o.get("architectures").bigIntegerValue());
        for (String which : List.of("smallest", "largest")) {
            JsonNode c = o.get(which);
            System.out.printf(
                    "  %-8s  %s parameters, %s MACs, peak activation %s%n",
                    which, shown("parameters", c), shown("macs", c), shown("peakActivationBytes", c));
        }
    }

    private static String number(double v) {
        return v == Math.rint(v) && Math.abs(v) < 1e15 ? Long.toString((long) v) : Double.toString(v);
    }

    private static String shown(String metric, JsonNode costs) {
        return Quantities.show(metric, costs.get(metric).asDouble());
    }

    private static void printDetails(JsonNode o) {
        System.out.println();
        Table decisions = new Table("decision", "choices");
        for (JsonNode d : o.get("decisions")) {
            StringJoiner choices = new StringJoiner(", ");
            d.get("choices").forEach(c -> choices.add(number(c.asDouble())));
            decisions.row(d.get("name").asText(), choices.toString());
        }
        System.out.print(decisions);
        JsonNode sample = o.get("sample");
        System.out.printf(
                "%n%,d random networks, seed %d%n",
                sample.get("networks").asLong(), sample.get("seed").asLong());
        Table costs = new Table("", "least", "5 %", "median", "95 %", "most");
        for (String metric : SpaceStatistics.METRICS) {
            JsonNode v = sample.get(metric);
            String[] row = new String[QUANTILES.size() + 1];
            row[0] = metric;
            for (int i = 0; i < QUANTILES.size(); i++) {
                row[i + 1] = Quantities.show(metric, v.get(i).asDouble());
            }
            costs.row(row);
        }
        System.out.print(costs);
        JsonNode fit = o.get("fitting");
        if (fit != null) {
            System.out.printf(
                    "%n%,d of %,d (%.1f %%) meet the budget%s%n",
                    fit.get("networks").asLong(),
                    sample.get("networks").asLong(),
                    100 * fit.get("share").asDouble(),
                    fit.has("meanMacs")
                            ? "; they have "
                                    + Quantities.show(
                                            "macs", fit.get("meanMacs").asDouble()) + " MACs on average"
                            : "");
        }
        JsonNode n = o.get("network");
        JsonNode deployment = n.get("int8Deployment");
        System.out.printf(
                "%n%s%n  int8 on a microcontroller, planned: peak SRAM %s, flash %s%n",
                n.get("architecture").asText(),
                Quantities.show("peakSramBytes", deployment.get("peakSramBytes").asDouble()),
                Quantities.show("flashBytes", deployment.get("flashBytes").asDouble()));
    }
}
