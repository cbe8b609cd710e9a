package dev.lathe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import dev.lathe.notebook.Display;
import dev.lathe.results.GraphPicture;
import dev.lathe.results.Pictures;
import dev.lathe.results.RunSummary;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What cells of a notebook call without naming a class: commands in this process, and pictures of what they leave. */
public final class Cells {
    /** System property that asks notebooks for their smaller setting. */
    static final String QUICK = "lathe.notebooks.quick";

    /** What cells see without asking. */
    static final List<String> IMPORTS = List.of(
            "java.util.*",
            "java.util.stream.*",
            "java.nio.file.*",
            "dev.lathe.notebook.Display",
            "dev.lathe.results.Pictures",
            "dev.lathe.space.*",
            "dev.lathe.graph.*",
            "dev.lathe.device.*",
            "static dev.lathe.cli.Cells.*");

    private Cells() {}

    /** Whether notebooks take their smaller setting: {@code lathe notebooks run --quick}, or LATHE_NOTEBOOKS_QUICK is set. */
    public static boolean isQuick() {
        return Boolean.getBoolean(QUICK) || System.getenv("LATHE_NOTEBOOKS_QUICK") != null;
    }

    /** A folder {@code results/NAME} that is not there yet; with {@code -2} and so on behind it where it is. */
    public static Path newFolder(String name) {
        String root = System.getProperty("lathe.notebooks.results", "results");
        Path folder = Path.of(root, name);
        for (int i = 2; Files.exists(folder); i++) {
            folder = Path.of(root, name + "-" + i);
        }
        return folder;
    }

    /**
     * Runs a command as from a shell; what it prints stands under the cell.
     *
     * @param commandLine without the word {@code lathe}; split at spaces outside of quotes
     * @param words further words, each taken as it is
     * @throws IllegalStateException if the command ends with another exit code than 0
     */
    public static void lathe(String commandLine, Object... words) {
        List<String> args = split(commandLine);
        for (Object w : words) {
            args.add(String.valueOf(w));
        }
        int code = Main.commandLine().execute(args.toArray(String[]::new));
        System.out.flush();
        System.err.flush();
        if (code != 0) {
            throw new IllegalStateException(
                    "lathe %s ended with exit code %d; its message stands above".formatted(commandLine, code));
        }
    }

    /** Runs a command with {@code --json} and gives the object it prints. */
    public static JsonNode latheJson(String commandLine, Object... words) throws IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            lathe(commandLine + " --json", words);
        } finally {
            System.setOut(before);
        }
        return Json.json().readTree(printed.toString(StandardCharsets.UTF_8));
    }

    /** Words as a shell splits them: at spaces, but not within single or double quotes. */
    static List<String> split(String commandLine) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean begun = false;
        char quote = 0;
        for (int i = 0; i < commandLine.length(); i++) {
            char c = commandLine.charAt(i);
            if (quote != 0 ? c == quote : c == '\'' || c == '"') {
                quote = quote == 0 ? c : 0;
                begun = true;
            } else if (quote == 0 && Character.isWhitespace(c)) {
                if (begun) {
                    words.add(word.toString());
                }
                word.setLength(0);
                begun = false;
            } else {
                word.append(c);
                begun = true;
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("The quote %s is not closed in: %s".formatted(quote, commandLine));
        }
        if (begun) {
            words.add(word.toString());
        }
        return words;
    }

    /** The fronts of runs over each other: top-1 against latency, measured where they were exported. */
    public static Display fronts(Path... runs) throws IOException {
        List<RunSummary> summaries = new ArrayList<>();
        for (Path run : runs) {
            summaries.add(RunSummaries.read(run));
        }
        return Display.svg(Pictures.fronts(summaries), "top-1 against latency of the fronts of " + List.of(runs));
    }

    /** A network as a picture. */
    public static Display network(SearchSpace space, Architecture a) {
        return Display.svg(GraphPicture.svg(space.lower(a), space.name(), a.toString()), "the network " + a);
    }

    /** Points of two quantities as a picture. */
    public static Display scatter(String title, String xLabel, String yLabel, List<Pictures.Series> series) {
        return Display.svg(Pictures.scatter(title, xLabel, yLabel, series), title);
    }
}
