package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.SpaceChoice;
import dev.lathe.space.Task;
import dev.lathe.space.TaskShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Ranks search spaces for a device by what of them fits. */
@Command(
        name = "choose",
        mixinStandardHelpOptions = true,
        description = {
            "Ranks search spaces for a device: the best is that whose random networks within the budget have the most MACs on average",
            "(TinyNAS of MCUNet). Give several spaces of one family, such as YAML files of several widths, or one at several image sizes."
        },
        footer = {
            "",
            "Examples:",
            "  lathe spaces choose ofa-mobilenetv3 --image-size 96,128,160 --budget peakActivation='1 MiB'",
            "  lathe spaces choose narrow.yaml wide.yaml --budget peakActivation='64 KiB' --budget parameters=500k --json"
        })
final class SpacesChooseCommand implements Callable<Integer> {
    private static final int MOST_SAMPLES = 1_000_000;

    @Parameters(paramLabel = "SPACE", arity = "1..*", description = "Names of search spaces, or YAML files.")
    List<String> names = new ArrayList<>();

    @Option(
            names = "--image-size",
            paramLabel = "PIXELS",
            split = ",",
            description = "Sides of the images, each with each space (default: that of a space's usual task).")
    List<Integer> imageSizes = new ArrayList<>();

    @Option(
            names = "--budget",
            paramLabel = "NAME=LIMIT",
            description = "The device's limits on peakActivation, macs and parameters; at least one.")
    Map<String, String> budgets = new LinkedHashMap<>();

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Random networks of each space (default: ${DEFAULT-VALUE}).")
    int samples = 1000;

    @Option(names = "--seed", defaultValue = "1", description = "Seed of the samples (default: ${DEFAULT-VALUE}).")
    long seed = 1;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress on standard error.")
    boolean quiet;

    @Option(names = "--json", description = "Print one JSON document.")
    boolean json;

    @Override
    public Integer call() throws Exception {
        SpacesShowCommand.checkSamples(samples, MOST_SAMPLES);
        Map<String, Double> limits = SpacesShowCommand.limits(budgets);
        List<SearchSpace> spaces = new ArrayList<>();
        for (String name : names) {
            Task usual = SearchSpaces.usualTask(name);
            if (imageSizes.isEmpty()) {
                spaces.add(SearchSpaces.create(name, usual));
            }
            for (int side : imageSizes) {
                if (!(usual instanceof TaskShape t)) {
                    throw new InvalidInputException(
                            "space %s takes no images; leave --image-size out".formatted(SearchSpaces.nameOf(name)));
                }
                spaces.add(SearchSpaces.create(name, new TaskShape(t.channels(), side, side, t.classes())));
            }
        }
        List<SpaceChoice> ranked = SpaceChoice.ranked(spaces, limits, samples, seed, ExecutionOptions.progress(quiet));
        if (json) {
            ObjectNode o =
                    Json.json().createObjectNode().put("samples", samples).put("seed", seed);
            limits.forEach(o.putObject("limits")::put);
            ArrayNode list = o.putArray("spaces");
            for (SpaceChoice c : ranked) {
                ObjectNode s = list.addObject()
                        .put("name", c.space().name())
                        .put("input", input(c.space()))
                        .put("share", c.fit().share());
                if (c.fit().networks() > 0) {
                    s.put("meanMacs", c.fit().meanMacs());
                }
            }
            System.out.println(Json.json().writeValueAsString(o));
        } else {
            Table t = new Table("space", "input", "within budget", "mean MACs of these");
            for (SpaceChoice c : ranked) {
                t.row(
                        c.space().name(),
                        input(c.space()),
                        "%.1f %%".formatted(100 * c.fit().share()),
                        c.fit().networks() == 0
                                ? "-"
                                : Quantities.show("macs", c.fit().meanMacs()));
            }
            System.out.print(t);
            SpaceChoice best = ranked.get(0);
            System.out.println(
                    best.fit().networks() == 0
                            ? "nothing fits; raise a limit, or give smaller spaces or images"
                            : "choose %s at %s".formatted(best.space().name(), input(best.space())));
        }
        return 0;
    }

    private static String input(SearchSpace space) {
        return space.task() instanceof TaskShape t ? t.height() + " x " + t.width() : "text";
    }
}
