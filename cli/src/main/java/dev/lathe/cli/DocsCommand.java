package dev.lathe.cli;

import dev.lathe.base.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Writes the reference pages. */
@Command(
        name = "docs",
        mixinStandardHelpOptions = true,
        description =
                "Writes the reference pages from the code: command line, keys and JSON Schemas of experiment, device"
                        + " and space files, file formats.",
        footer = {"", "Example:", "  lathe docs docs/reference"})
final class DocsCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "Folder that gets the pages.")
    Path folder = Path.of("");

    @Override
    public Integer call() throws IOException {
        for (Map.Entry<String, String> page : ReferencePages.all().entrySet()) {
            AtomicFiles.writeString(folder.resolve(page.getKey()), page.getValue());
        }
        System.out.println("reference: " + folder);
        return 0;
    }
}
