package dev.lathe.cli;

import dev.lathe.space.custom.SpaceFile;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Prints the JSON Schema of files that describe search spaces. */
@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the JSON Schema (draft 2020-12) of YAML files that describe search spaces.",
            "Editors that know it check and complete such a file while it is written; see docs/custom-spaces.md."
        },
        footer = {"", "Example:", "  lathe spaces schema > custom-space.schema.json"})
final class SpacesSchemaCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        System.out.print(SpaceFile.schema());
        return 0;
    }
}
