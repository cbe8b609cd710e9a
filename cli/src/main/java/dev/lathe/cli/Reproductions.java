package dev.lathe.cli;

import dev.lathe.base.Folders;
import dev.lathe.base.ProgressListener;
import dev.lathe.device.OnnxModel;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.results.RunDirectory;
import dev.lathe.results.RunManifest;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.supernet.StepBenchmark;
import dev.lathe.supernet.Supernet;
import dev.lathe.supernet.SupernetTrainer;
import dev.lathe.supernet.TrainingConfig;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.Datasets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code lathe reproduce} re-computes. */
final class Reproductions {
    private static final int AGREEMENT_NETWORKS = 200;
    private static final int AGREEMENT_IMAGES = 32;
    private static final int RUNNABLE_NETWORKS = 100;

    /** The spaces of the embedded digits. */
    private static final List<String> TRAINED = List.of("mbconv-tiny", "vit-tiny");

    /** For other writers, more parameters help convolutions: a budget on memory alone, which 35 % of random networks meet. */
    private static final String UCI_BUDGET = "budget={peakActivation: p35}";

    private static final double MOST_STEP_RATIO = 1.15;
    private static final double MOST_PYTHON_RATIO = 1.10;
    private static final int STEP_WARM_UP = 20;
    private static final int STEP_ROUNDS = 60;

    private Reproductions() {}

    /** Runs the built-in experiment on each space and data set and reads the chosen network's top-1 on the test part. */
    static List<ReproduceCommand.Row> digits(ReproduceCommand o) throws IOException {
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        rows.add(run(o, "mbconv-tiny", "digits", 0.97, "98.0 % (45k-parameter conv net)"));
        rows.add(run(o, "vit-tiny", "digits", 0.93, "93.6 % (103k-parameter transformer, shifts)"));
        Path data = o.data;
        if (data != null) {
            String uci = "uci-digits:" + data.resolve("digits");
            rows.add(run(o, "mbconv-tiny", uci, 0.98, "98.6 % (45k-parameter conv net)", UCI_BUDGET));
            rows.add(run(o, "vit-tiny", uci, 0.96, "96.0 % (103k-parameter transformer)"));
        }
        return rows;
    }

    private static ReproduceCommand.Row run(
            ReproduceCommand o, String space, String data, double bar, String theirs, String... more)
            throws IOException {
        List<String> settings = new ArrayList<>(List.of("space=" + space, "data='" + data + "'"));
        settings.addAll(List.of(more));
        return inRun(o, null, Experiment.read(null, settings), w -> {
            ProfileCommand.profile(w);
            TrainStep.run(w);
            ExportStep.Exported exported = ExportStep.run(w, SearchStep.run(w));
            boolean found = exported.chosen() >= 0;
            double top1 = found ? exported.members().get(exported.chosen()).top1() : 0;
            return new ReproduceCommand.Row(
                    "%s on %s, %s"
                            .formatted(
                                    space,
                                    data.startsWith("uci") ? "the full UCI split" : "the embedded digits",
                                    more.length == 0 ? "built-in budget" : more[0]),
                    theirs,
                    found ? Quantities.show("top1", top1) : "no network within budget",
                    "at least " + Quantities.show("top1", bar),
                    top1 >= bar);
        });
    }

    /** What is done with a run. */
    @FunctionalInterface
    interface Work<T> {
        T on(Workbench w) throws IOException;
    }

    /**
     * Works on a run of an experiment.
     *
     * @param kept its folder, in which a run that is there goes on; null for a temporary one
     */
    static <T> T inRun(ReproduceCommand o, @Nullable Path kept, Experiment e, Work<T> work) throws IOException {
        Path folder = kept != null ? kept : Files.createTempDirectory("lathe-reproduce");
        try {
            RunManifest manifest = RunManifest.of(
                    e.settings(),
                    Map.of(),
                    Map.of(),
                    Versions.platform(),
                    List.of("reproduce", o.name),
                    Instant.now().toString());
            try (RunDirectory dir = RunDirectory.start(folder, manifest, kept != null)) {
                return work.on(Workbench.of(
                        e, dir, Workbench.load(e, o.execution.strict), o.execution, o.execution.progress()));
            }
        } finally {
            if (kept == null) {
                Folders.delete(folder);
            }
        }
    }

    /** A short training, so that weights and statistics are no longer those of the start; then 200 random subnets of each space. */
    static List<ReproduceCommand.Row> agreement(ReproduceCommand o) throws IOException {
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        DataSplit data = Datasets.digits(1);
        for (String name : TRAINED) {
            double worst = worstDifference(name, data, AGREEMENT_NETWORKS, o.execution.progress());
            rows.add(new ReproduceCommand.Row(
                    "%s, %d random subnets, largest difference of a logit".formatted(name, AGREEMENT_NETWORKS),
                    "",
                    "%.2e".formatted(worst),
                    "below 1e-4",
                    worst < ExportStep.AGREEMENT));
        }
        rows.addAll(TranslatorAgreementReproduction.run(o.execution.progress()));
        return rows;
    }

    static double worstDifference(String name, DataSplit data, int networks, ProgressListener progress)
            throws IOException {
        SearchSpace space = SearchSpaces.create(name, data.shape());
        TrainingConfig config = TrainingConfig.defaults(space, data.train()).withSteps(30);
        Path folder = Files.createTempDirectory("lathe-agreement");
        double worst = 0;
        try (SupernetTrainer trainer = SupernetTrainer.start(space, data, config, folder)) {
            trainer.run(ProgressListener.SILENT);
            Supernet supernet = trainer.supernet();
            float[] input = data.normalization().standardized(data.validation(), 0, AGREEMENT_IMAGES);
            int done = 0;
            for (Architecture a : RandomNetworks.draw(space, networks, 1, "agreement")) {
                byte[] bytes = OnnxWriter.write(space.lower(a), supernet.extract(a), Map.of());
                try (OnnxModel model = OnnxModel.load(bytes, a.toString())) {
                    worst = Math.max(
                            worst,
                            ExportStep.largestDifference(
                                    supernet.logits(a, input, AGREEMENT_IMAGES),
                                    model.logits(input, AGREEMENT_IMAGES)));
                }
                progress.report("agreement of " + name, ++done, networks, "");
            }
        } finally {
            Folders.delete(folder);
        }
        return worst;
    }

    static List<ReproduceCommand.Row> stepCost(ReproduceCommand o) {
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        DataSplit data = Datasets.digits(1);
        for (String name : TRAINED) {
            SearchSpace space = SearchSpaces.create(name, data.shape());
            TrainingConfig config = TrainingConfig.defaults(space, data.train());
            rows.add(stepCost(name, config, StepBenchmark.run(space, data, config, STEP_WARM_UP, STEP_ROUNDS)));
            if (o.python != null) {
                for (boolean sandwich : new boolean[] {false, true}) {
                    rows.add(pythonStepCost(
                            name,
                            config,
                            StepBenchmark.againstPython(
                                    space, data, config, o.python, sandwich, STEP_WARM_UP, STEP_ROUNDS)));
                }
            }
        }
        if (o.data != null) {
            rows.add(TranslationReproduction.stepCost(o.data));
        }
        return rows;
    }

    static ReproduceCommand.Row stepCost(String name, TrainingConfig config, StepBenchmark.Result r) {
        return new ReproduceCommand.Row(
                "%s, one sandwich step (%d networks, batch %d), median"
                        .formatted(name, r.networks(), config.batchSize()),
                "%.2f ms (the dense steps)".formatted(r.denseStepsMs()),
                "%.2f ms, ratio %.3f".formatted(r.supernetStepMs(), r.ratio()),
                "ratio at most " + MOST_STEP_RATIO,
                r.ratio() <= MOST_STEP_RATIO);
    }

    private static ReproduceCommand.Row pythonStepCost(String name, TrainingConfig config, StepBenchmark.Result r) {
        return new ReproduceCommand.Row(
                "%s, %s, batch %d, beside the same in PyTorch for Python (%s thread), median of %d"
                        .formatted(
                                name,
                                r.networks() == 1
                                        ? "one step of the largest network"
                                        : "one sandwich step (%d networks)".formatted(r.networks()),
                                config.batchSize(),
                                r.peer(),
                                r.rounds()),
                "%.2f ms".formatted(r.denseStepsMs()),
                "%.2f ms, ratio %.3f".formatted(r.supernetStepMs(), r.ratio()),
                "ratio at most " + MOST_PYTHON_RATIO,
                r.ratio() <= MOST_PYTHON_RATIO);
    }

    /** 100 random networks of every space in ONNX Runtime, at reduced input sizes. */
    static List<ReproduceCommand.Row> runnable(ReproduceCommand o) {
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        for (String name : SearchSpaces.names()) {
            int ran = RunnableNetworks.run(RunnableNetworks.reduced(name), RUNNABLE_NETWORKS, o.execution.progress());
            rows.add(new ReproduceCommand.Row(
                    "%s, random networks with the promised shape in ONNX Runtime".formatted(name),
                    "",
                    "%d of %d".formatted(ran, RUNNABLE_NETWORKS),
                    "all",
                    ran == RUNNABLE_NETWORKS));
        }
        return rows;
    }
}
