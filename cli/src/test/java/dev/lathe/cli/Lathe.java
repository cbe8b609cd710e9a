package dev.lathe.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** Runs the command in this process, as a user would from a shell. */
final class Lathe {
    /** Settings that make a run a matter of seconds. */
    static final List<String> SMALL = List.of(
            "--set", "training.steps=12",
            "--set", "training.batchSize=16",
            "--set", "profile.networks=20",
            "--set", "profile.accuracies=20",
            "--set", "search.evaluations=400",
            "--set", "search.population=20",
            "--set", "front.size=4");

    private Lathe() {}

    /** What a command did. */
    record Result(int exitCode, String out, String err) {}

    static Result run(Object... words) {
        List<String> args = new ArrayList<>();
        for (Object w : words) {
            if (w instanceof List<?> list) {
                list.forEach(x -> args.add(x.toString()));
            } else {
                args.add(w instanceof Path p ? p.toString() : w.toString());
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringWriter err = new StringWriter();
        PrintStream before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            CommandLine line = Main.commandLine();
            line.setErr(new PrintWriter(err, true));
            int code = line.execute(args.toArray(String[]::new));
            return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString());
        } finally {
            System.setOut(before);
        }
    }
}
