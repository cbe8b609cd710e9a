package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.device.DeviceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParseResult;

/** Entry of the {@code lathe} command. Exit codes: 0 done, 1 failed or fell short, 2 bad input, 130 interrupted. */
@Command(
        name = "lathe",
        mixinStandardHelpOptions = true,
        version = "lathe " + Main.VERSION,
        description =
                "Finds the neural networks that fit a device: trains a weight-shared supernet, profiles the device,"
                        + " searches under hard budgets, exports verified ONNX files.",
        footer = {
            "",
            "Exit codes: 0 done, 1 failed or fell short of a bar, 2 bad input.",
            "",
            "Examples:",
            "  lathe run                                     the built-in experiment, from nothing to a verified front",
            "  lathe run --budget latency=p20 --out results/fast",
            "  lathe run experiment.yaml --resume --out results/mine",
            "  lathe spaces                                  the search spaces",
            "  lathe devices                                 the devices"
        },
        subcommands = {
            RunCommand.class,
            ProfileCommand.class,
            FarmCommand.class,
            TrainCommand.class,
            RankCommand.class,
            JointCommand.class,
            SearchCommand.class,
            ExportCommand.class,
            VerifyCommand.class,
            ReportCommand.class,
            CompareCommand.class,
            BoardCommand.class,
            PixelsCommand.class,
            SpacesCommand.class,
            DevicesCommand.class,
            PoolCommand.class,
            BlocksCommand.class,
            NotebooksCommand.class,
            DocsCommand.class,
            BitsCommand.class,
            ReproduceCommand.class,
            Main.Completion.class,
            CommandLine.HelpCommand.class
        })
public final class Main implements Runnable {
    static final String VERSION = "0.1.0";

    @CommandLine.Spec
    CommandLine.Model.@Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                java.util.Objects.requireNonNull(spec).commandLine(), "a command is missing; lathe --help lists them");
    }

    /** Prints the completion script. */
    @Command(
            name = "completion",
            mixinStandardHelpOptions = true,
            description = "Prints a completion script for bash and zsh.",
            footer = {"", "Example:", "  source <(lathe completion)"})
    static final class Completion implements Runnable {
        @CommandLine.Spec
        CommandLine.Model.@Nullable CommandSpec spec;

        @Override
        public void run() {
            System.out.println(AutoComplete.bash(
                    "lathe", java.util.Objects.requireNonNull(spec).root().commandLine()));
        }
    }

    /** The configured command line, for {@link #main} and for tests. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler(Main::failed);
        line.setParameterExceptionHandler((e, args) -> {
            String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("bad arguments");
            e.getCommandLine()
                    .getErr()
                    .println("lathe: " + message + "; see "
                            + e.getCommandLine().getCommandSpec().qualifiedName(" ") + " --help");
            return 2;
        });
        return line;
    }

    private static int failed(Exception e, CommandLine line, ParseResult parsed) {
        String userError = userError(e);
        if (userError != null) {
            line.getErr().println("lathe: " + oneLine(userError));
            return 2;
        }
        line.getErr().println("lathe: failed: " + oneLine(e.toString()));
        e.printStackTrace(line.getErr());
        return 1;
    }

    /** The line for something the user can mend, or null where it is a defect of ours. */
    private static @Nullable String userError(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof InvalidInputException || t instanceof DeviceException) {
                return String.valueOf(t.getMessage());
            }
            if (t instanceof AccessDeniedException a) {
                return "%s may not be written or read; check its permissions or give another --out"
                        .formatted(a.getFile());
            }
            if (t instanceof IOException io) {
                String m = String.valueOf(io.getMessage());
                String lower = m.toLowerCase(Locale.ROOT);
                if (lower.contains("no space left")
                        || lower.contains("quota exceeded")
                        || lower.contains("file too large")) {
                    return "the disk is full (%s); free some room or give another --out, then go on with --resume: what was written is whole"
                            .formatted(m);
                }
                if (lower.contains("read-only file system")) {
                    return "%s; give an --out on a disk that can be written".formatted(m);
                }
                if (t instanceof FileSystemException f && f.getReason() != null && f.getFile() != null) {
                    return "%s: %s; check the path".formatted(f.getFile(), f.getReason());
                }
            }
            if (t instanceof UncheckedIOException && t.getCause() == null) {
                return String.valueOf(t.getMessage());
            }
        }
        return null;
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ");
    }

    public static void main(String[] args) {
        Locale.setDefault(Locale.ROOT);
        int code = 1;
        try {
            code = commandLine().execute(args);
        } catch (Error e) {
            // The exit below would hide it, running out of memory above all.
            System.err.println("lathe: failed: " + oneLine(e.toString()));
            e.printStackTrace();
        } finally {
            System.out.flush();
            // H2O's and Spark's threads would keep the process alive.
            System.exit(code);
        }
    }
}
