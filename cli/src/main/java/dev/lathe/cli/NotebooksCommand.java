package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.notebook.Kernel;
import dev.lathe.notebook.KernelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Java notebooks: their kernel for Jupyter, and runs without Jupyter. */
@Command(
        name = "notebooks",
        mixinStandardHelpOptions = true,
        description = "Installs the Java kernel for Jupyter, and runs notebooks without Jupyter.",
        footer = {
            "",
            "Examples:",
            "  lathe notebooks install && jupyter notebook notebooks/01-first-search.ipynb",
            "  lathe notebooks run notebooks/01-first-search.ipynb --quick --out executed"
        },
        subcommands = {NotebooksCommand.Install.class, NotebooksCommand.Run.class, NotebooksCommand.Serve.class})
final class NotebooksCommand implements Runnable {
    @CommandLine.Spec
    CommandLine.Model.@Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                java.util.Objects.requireNonNull(spec).commandLine(), "a command is missing: install, run or kernel");
    }

    /** Tells Jupyter of the kernel. */
    @Command(
            name = "install",
            mixinStandardHelpOptions = true,
            description =
                    "Writes kernels/lathe/kernel.json where Jupyter looks for it; the kernel then is 'Java (Lathe)'.",
            footer = {
                "",
                "Examples:",
                "  lathe notebooks install",
                "  lathe notebooks install --jupyter /opt/venv/share/jupyter"
            })
    static final class Install implements Callable<Integer> {
        @Option(
                names = "--jupyter",
                paramLabel = "DIR",
                description = "Jupyter's data folder (default: the user's, for example ~/.local/share/jupyter; jupyter"
                        + " --paths lists others).")
        @Nullable
        Path jupyter;

        @Override
        public Integer call() throws IOException {
            String home = System.getProperty("lathe.home");
            if (home == null) {
                throw new InvalidInputException(
                        "the kernel is started by the script ./lathe, which did not start this process; install it by"
                                + " ./lathe notebooks install");
            }
            Path folder = jupyter != null
                    ? jupyter
                    : KernelSpec.userFolder(
                            System.getenv(),
                            System.getProperty("os.name", ""),
                            Path.of(System.getProperty("user.home", ".")));
            Path launcher = Path.of(home).toAbsolutePath().normalize().resolve("lathe");
            Path file = KernelSpec.write(folder, List.of(launcher.toString(), "notebooks", "kernel"));
            System.out.println("kernel: " + file);
            return 0;
        }
    }

    /** Runs notebooks from top to bottom. */
    @Command(
            name = "run",
            mixinStandardHelpOptions = true,
            description =
                    "Runs the cells of notebooks from top to bottom without Jupyter; exit code 1 where a cell fails.",
            footer = {
                "",
                "Examples:",
                "  lathe notebooks run notebooks/02-profile-your-device.ipynb",
                "  lathe notebooks run notebooks/*.ipynb --quick --out executed"
            })
    static final class Run implements Callable<Integer> {
        @Parameters(
                paramLabel = "FILE.ipynb",
                arity = "1..*",
                description = "Notebooks with the kernel 'Java (Lathe)'.")
        List<Path> files = new ArrayList<>();

        @Option(
                names = "--quick",
                description = "Take the notebooks' smaller setting: seconds, and figures that mean little.")
        boolean quick;

        @Option(
                names = "--out",
                paramLabel = "DIR",
                description = "Write the notebooks with what their cells showed there.")
        @Nullable
        Path out;

        @Option(
                names = {"-q", "--quiet"},
                description = "Print nothing but failures.")
        boolean quiet;

        @Override
        public Integer call() throws IOException {
            for (Path file : files) {
                if (!Files.exists(file)) {
                    throw new InvalidInputException("notebook %s is not there; check the path".formatted(file));
                }
            }
            boolean all = true;
            for (Path file : files) {
                NotebookRun run = NotebookRun.of(file, quick);
                if (out != null) {
                    run.notebook().write(out.resolve(String.valueOf(file.getFileName())));
                }
                if (run.failure() != null) {
                    System.err.printf("%s: cell %d: %s%n", file, run.cells(), run.failure());
                    all = false;
                } else if (!quiet) {
                    System.out.printf("%s: %d cells%n", file, run.cells());
                }
            }
            return all ? 0 : 1;
        }
    }

    /** What Jupyter starts. */
    @Command(
            name = "kernel",
            mixinStandardHelpOptions = true,
            description = "Serves one notebook of Jupyter, which starts this command itself.",
            footer = {"", "Example:", "  lathe notebooks kernel connection.json"})
    static final class Serve implements Callable<Integer> {
        @Parameters(paramLabel = "CONNECTION.json", description = "What Jupyter wrote: ports and a key.")
        Path connection = Path.of("");

        @Override
        public Integer call() throws IOException {
            Kernel.serve(connection, Cells.IMPORTS, Main.VERSION);
            return 0;
        }
    }
}
