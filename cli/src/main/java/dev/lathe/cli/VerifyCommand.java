package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks an export folder from its files alone. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Checks all that an export folder says, from its files alone: checksums, cards, weights, costs derived again from the"
                    + " architectures, and, where the data is reachable, top-1 of every network.",
            "Exit code 1 and one line each where something is not as it was exported."
        },
        footer = {
            "",
            "Examples:",
            "  lathe verify results/mine",
            "  lathe verify downloaded/export --data photos/ --json"
        })
final class VerifyCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "An export folder, or the run directory that has one.")
    Path folder = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "DATA",
            description = "Where the run's data is now (default: where it was). Other data is noticed, and not used.")
    @Nullable
    String data;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress on standard error.")
    boolean quiet;

    @Option(names = "--json", description = "Print one JSON object on standard output.")
    boolean json;

    @Override
    public Integer call() throws IOException {
        ExportFindings found = ExportVerification.of(folder, data, ExecutionOptions.progress(quiet));
        if (json) {
            ObjectNode o =
                    Json.json().createObjectNode().put("folder", found.folder().toString());
            o.put("isWhole", found.faults().isEmpty());
            found.checked().forEach(o.putArray("checked")::add);
            found.notChecked().forEach(o.putArray("notChecked")::add);
            var faults = o.putArray("faults");
            found.faults().forEach(f -> faults.addObject().put("file", f.file()).put("what", f.what()));
            System.out.println(Json.json().writeValueAsString(o));
        } else {
            found.checked().forEach(c -> System.out.println("ok           " + c));
            found.notChecked().forEach(c -> System.out.println("not checked  " + c));
            found.faults().forEach(f -> System.out.println("FAULT        " + Names.shown(f.file()) + " " + f.what()));
        }
        return found.faults().isEmpty() ? 0 : 1;
    }
}
