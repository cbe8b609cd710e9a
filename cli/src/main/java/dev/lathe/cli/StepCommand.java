package dev.lathe.cli;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.results.RunDirectory;
import dev.lathe.results.RunManifest;
import dev.lathe.results.RunProgress;
import dev.lathe.space.SearchSpaces;
import dev.lathe.supernet.data.TrainingData;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command that works in a run directory: opens or makes it, does its step, and says how to go on when it is stopped. */
abstract class StepCommand implements Callable<Integer> {
    @CommandLine.Spec
    CommandLine.Model.@Nullable CommandSpec spec;

    @Mixin
    ExperimentOptions asked = new ExperimentOptions();

    @Mixin
    ExecutionOptions execution = new ExecutionOptions();

    @Option(names = "--out", paramLabel = "DIR", description = "The run directory (default: results/SPACE-DATE-TIME).")
    @Nullable
    Path out;

    @Option(
            names = "--from",
            paramLabel = "DIR",
            description =
                    "Take supernet, measurements and accuracies from another run of the same space, data, device, seed and training.")
    @Nullable
    Path from;

    /** Whether a run that is there already is gone on with. */
    abstract boolean continues();

    /** Whether the step is for translators, too. */
    boolean takesText() {
        return false;
    }

    /** Does the step. */
    abstract int work(Workbench w) throws IOException;

    @Override
    public Integer call() throws IOException {
        execution.selectDevice();
        Path given = out;
        Experiment experiment;
        if (given != null && continues() && !asked.isGiven() && Files.exists(given.resolve(RunManifest.FILE))) {
            experiment = Experiment.fromSettings(
                    RunManifest.read(given.resolve(RunManifest.FILE)).experiment(), given);
        } else {
            experiment = asked.experiment();
        }
        Path folder = given != null
                ? given
                : Path.of(
                        "results",
                        SearchSpaces.nameOf(experiment.space()) + "-"
                                + DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").format(LocalDateTime.now()));
        List<String> words = Objects.requireNonNull(spec).commandLine().getParseResult() == null
                ? List.of()
                : spec.root().commandLine().getParseResult().originalArgs();
        RunManifest manifest = RunManifest.of(
                experiment.settings(),
                Map.of(),
                Map.of("lathe", Main.VERSION),
                Versions.platform(),
                words,
                Instant.now().toString());
        // Names and data are checked before a folder is made.
        Workbench.check(experiment);
        TrainingData data = Workbench.load(experiment, execution.strict);
        data.notes().forEach(execution::say);
        if (data instanceof TranslationData && !takesText()) {
            throw Workbench.isText(experiment);
        }
        try (RunDirectory run = RunDirectory.start(folder, manifest, continues())) {
            Thread stopped = new Thread(() ->
                    System.err.printf("%nlathe: stopped; go on with: lathe %s --resume --out %s%n", "run", folder));
            Runtime.getRuntime().addShutdownHook(stopped);
            String command = Objects.requireNonNull(spec).name();
            ProgressFile progress = new ProgressFile(run.folder(), command, execution.progress());
            RunProgress.Ending ending = RunProgress.Ending.FAILED;
            try {
                Path source = from;
                if (source != null) {
                    inherit(source, run, experiment);
                }
                int code = work(Workbench.of(experiment, run, data, execution, progress));
                ending = RunProgress.Ending.DONE;
                return code;
            } finally {
                progress.end(ending);
                removeHook(stopped);
            }
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and the hook is being run.
        }
    }

    /** Copies what does not depend on budgets, objectives and search settings. */
    static void inherit(Path source, RunDirectory run, Experiment experiment) throws IOException {
        Map<String, String> theirs =
                RunManifest.read(source.resolve(RunManifest.FILE)).experiment();
        Map<String, String> ours = experiment.settings();
        SortedSet<String> keys = new TreeSet<>(ours.keySet());
        keys.addAll(theirs.keySet());
        for (String key : keys) {
            boolean matters = !key.startsWith("budget.")
                    && !key.startsWith("search.")
                    && !key.startsWith("front.")
                    && !key.equals("objectives");
            if (matters && !Objects.equals(ours.get(key), theirs.get(key))) {
                throw new InvalidInputException(
                        "--from %s holds another experiment: %s is %s there and %s here; give the same, or leave --from out"
                                .formatted(
                                        source,
                                        key,
                                        theirs.getOrDefault(key, "not set"),
                                        ours.getOrDefault(key, "not set")));
            }
        }
        List<Path> files = new ArrayList<>();
        for (String name : List.of(
                "supernet",
                "supernet-int8",
                "supernet-int4",
                "predictors",
                FewShotStep.FOLDER,
                "measurements.csv",
                OperatorStep.TABLE,
                "accuracies.csv",
                InheritedLosses.FILE)) {
            Path p = source.resolve(name);
            if (Files.isDirectory(p)) {
                try (Stream<Path> inside = Files.list(p)) {
                    inside.filter(Files::isRegularFile).sorted().forEach(files::add);
                }
            } else if (Files.exists(p)) {
                files.add(p);
            }
        }
        for (Path p : files) {
            Path target = run.folder().resolve(source.relativize(p).toString());
            if (!Files.exists(target)) {
                AtomicFiles.write(target, Files.readAllBytes(p));
            }
        }
    }
}
