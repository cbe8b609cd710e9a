package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.Json;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the search spaces. */
@Command(
        name = "spaces",
        mixinStandardHelpOptions = true,
        description = "Lists the search spaces with their sizes and the costs of their smallest and largest network.",
        footer = {
            "",
            "Examples:",
            "  lathe spaces",
            "  lathe spaces show vit-tiny",
            "  lathe spaces choose ofa-mobilenetv3 --image-size 96,128,160 --budget peakActivation='1 MiB'",
            "  lathe spaces schema > custom-space.schema.json",
            "  lathe spaces --json"
        },
        subcommands = {SpacesShowCommand.class, SpacesChooseCommand.class, SpacesSchemaCommand.class})
final class SpacesCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print one JSON document.")
    boolean json;

    @Override
    public Integer call() throws Exception {
        ArrayNode all = Json.json().createArrayNode();
        for (String name : SearchSpaces.names()) {
            SearchSpace space = SearchSpaces.create(name, SearchSpaces.usualTask(name));
            ObjectNode o = SpacesShowCommand.outline(space);
            all.add(o);
            if (!json) {
                SpacesShowCommand.print(o);
            }
        }
        if (json) {
            System.out.println(Json.json().writeValueAsString(all));
        }
        return 0;
    }
}
