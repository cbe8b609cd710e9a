package dev.lathe.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Exports and verifies the front. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description =
                "Writes every network of the front as an ONNX file with a JSON card, runs it on the test part and measures it on the device.",
        footer = {"", "Example:", "  lathe export --out results/vit"})
final class ExportCommand extends StepCommand {
    @Option(names = "--json", description = "Print one JSON object on standard output instead of the table.")
    boolean json;

    @Override
    boolean continues() {
        return true;
    }

    @Override
    int work(Workbench w) throws IOException {
        SearchSummary search = SearchSummary.read(w.searchSummary());
        ExportStep.Exported exported = ExportStep.run(w, search);
        System.out.print(json ? Summary.json(w, search, exported) + "\n" : Summary.text(w, search, exported));
        return 0;
    }
}
