package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.Json;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.Task;
import dev.lathe.space.TaskShape;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the search spaces, or shows one. */
@Command(
        name = "spaces",
        mixinStandardHelpOptions = true,
        description =
                "Lists the search spaces; with a name, shows its decisions and the costs of its smallest and largest network.",
        footer = {"", "Examples:", "  lathe spaces", "  lathe spaces vit-tiny --channels 3 --image-size 32 --json"})
final class SpacesCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "NAME", description = "A search space.")
    @Nullable
    String name;

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

    @Option(names = "--json", description = "Print one JSON document.")
    boolean json;

    @Override
    public Integer call() throws Exception {
        List<String> names = name == null ? SearchSpaces.names() : List.of(name);
        ArrayNode all = Json.json().createArrayNode();
        for (String n : names) {
            SearchSpace space;
            try {
                space = SearchSpaces.create(n, task(SearchSpaces.usualTask(n)));
            } catch (IllegalArgumentException e) {
                throw new dev.lathe.base.InvalidInputException(String.valueOf(e.getMessage()), e);
            }
            ObjectNode o = all.addObject();
            o.put("name", space.name()).put("description", space.description()).put("architectures", space.size());
            if (name != null) {
                ArrayNode decisions = o.putArray("decisions");
                for (Decision d : space.decisions()) {
                    ArrayNode choices =
                            decisions.addObject().put("name", d.name()).putArray("choices");
                    d.choices().forEach(choices::add);
                }
            }
            o.set("smallest", costs(space, space.smallest()));
            o.set("largest", costs(space, space.largest()));
        }
        if (json) {
            System.out.println(Json.json().writeValueAsString(name == null ? all : all.get(0)));
            return 0;
        }
        for (var o : all) {
            System.out.printf(
                    "%s: %s%n", o.get("name").asText(), o.get("description").asText());
            System.out.printf("  %,d architectures%n", o.get("architectures").bigIntegerValue());
            for (String which : List.of("smallest", "largest")) {
                System.out.printf(
                        "  %-8s  %s parameters, %s MACs, peak activation %s%n",
                        which,
                        Quantities.show(
                                "parameters", o.get(which).get("parameters").asDouble()),
                        Quantities.show("macs", o.get(which).get("macs").asDouble()),
                        Quantities.show(
                                "peakActivationBytes",
                                o.get(which).get("peakActivationBytes").asDouble()));
            }
            if (o.has("decisions")) {
                for (var d : o.get("decisions")) {
                    System.out.printf(
                            "  %-24s %s%n",
                            d.get("name").asText(), d.get("choices").toString());
                }
            }
        }
        return 0;
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

    private static ObjectNode costs(SearchSpace space, Architecture a) {
        Graph g = space.lower(a);
        CostModel.Cost c = CostModel.of(g);
        return Json.json()
                .createObjectNode()
                .put("architecture", a.toString())
                .put("parameters", c.parameters())
                .put("macs", c.macs())
                .put("peakActivationBytes", MemoryPlanner.peakBytes(g, Float.BYTES));
    }
}
