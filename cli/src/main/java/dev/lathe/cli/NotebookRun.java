package dev.lathe.cli;

import dev.lathe.notebook.CellException;
import dev.lathe.notebook.Display;
import dev.lathe.notebook.JavaShell;
import dev.lathe.notebook.NotebookFile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A notebook that was run from top to bottom, or to the first cell that fails.
 *
 * @param notebook with what its cells showed
 * @param cells of code that were run
 * @param last what the last of them showed; null where it showed nothing
 * @param failure of the last of them; null where it did not fail
 */
record NotebookRun(
        NotebookFile notebook,
        int cells,
        @Nullable Display last,
        @Nullable String failure) {

    /** @throws dev.lathe.base.InvalidInputException if the file is no notebook */
    static NotebookRun of(Path file, boolean quick) {
        NotebookFile notebook = NotebookFile.read(file);
        List<String> code = notebook.code();
        String before = System.getProperty(Cells.QUICK);
        if (quick) {
            System.setProperty(Cells.QUICK, "true");
        }
        Display last = null;
        try (JavaShell shell = new JavaShell(Cells.IMPORTS)) {
            for (int i = 0; i < code.size(); i++) {
                NotebookFile.Output output = run(shell, code.get(i));
                notebook.setOutput(i, output);
                last = output.shown();
                if (output.failure() != null) {
                    String warned = output.warned().isBlank()
                            ? ""
                            : "\n" + output.warned().strip();
                    return new NotebookRun(notebook, i + 1, last, output.failure() + warned);
                }
            }
        } finally {
            if (before == null) {
                System.clearProperty(Cells.QUICK);
            } else {
                System.setProperty(Cells.QUICK, before);
            }
        }
        return new NotebookRun(notebook, code.size(), last, null);
    }

    private static NotebookFile.Output run(JavaShell shell, String cell) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ByteArrayOutputStream warned = new ByteArrayOutputStream();
        Object value = null;
        String failure = null;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(warned, true, StandardCharsets.UTF_8));
        try {
            value = shell.eval(cell);
        } catch (CellException e) {
            failure = String.valueOf(e.getMessage());
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        return new NotebookFile.Output(
                printed.toString(StandardCharsets.UTF_8),
                warned.toString(StandardCharsets.UTF_8),
                value == null ? null : Display.ofValue(value),
                failure);
    }
}
