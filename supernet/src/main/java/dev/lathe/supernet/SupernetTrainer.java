package dev.lathe.supernet;

import dev.lathe.base.AppendLog;
import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import dev.lathe.supernet.data.DataSplit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Trains the shared parameters of a space by a {@link Strategy}, with AdamW, warm-up and cosine.
 *
 * <p>All randomness of a step is a function of seed and step, and the checkpoint holds parameters and optimizer state in
 * full: a training that was stopped and resumed ends with the same bits as one that was not. Cost: a forward and a backward
 * pass for each network of a step ({@code randomSubnets + 2} by the sandwich rule), in the memory of the largest. One training a process: the engine collects
 * gradients once at a time.
 *
 * @see <a href="https://arxiv.org/abs/1903.05134">Yu and Huang, Universally Slimmable Networks, ICCV 2019</a>
 * @see <a href="https://arxiv.org/abs/2003.11142">Yu et al., BigNAS, ECCV 2020</a>
 */
public final class SupernetTrainer implements AutoCloseable {
    /** Name of the checkpoint in the training's folder. */
    public static final String CHECKPOINT = "checkpoint.safetensors";
    /** Name of the loss curve in the training's folder. */
    public static final String CURVE = "training.csv";

    /** By the sandwich rule the first network is the largest, the second the smallest; 0 where a step has no such network. */
    private static final String CURVE_HEADER = "step,learningRate,lossLargest,lossSmallest,lossRandomMean";

    private final SearchSpace space;
    private final DataSplit data;
    private final TrainingConfig config;
    private final Path folder;
    private final SharedParameters parameters;
    private final Supernet supernet;
    private final AdamW optimizer;
    private final Batches batches;
    private final TrainingStrategy strategy;
    private final SandwichStep gradients;
    private final List<String> unwritten = new ArrayList<>();
    private int step;
    private int savedStep = -1;

    private SupernetTrainer(
            SearchSpace space, DataSplit data, TrainingConfig config, Path folder, SharedParameters parameters) {
        this.space = space;
        this.data = data;
        this.config = config;
        this.folder = folder;
        this.parameters = parameters;
        this.supernet = new Supernet(space, parameters, data);
        this.strategy = TrainingStrategy.of(config);
        this.optimizer = new AdamW(
                parameters, config.weightDecay(), config.gradientClip(), strategy.distillation() == Distillation.ALPHA);
        this.batches = new Batches(data, config);
        this.gradients = new SandwichStep(
                parameters, supernet.executor(), TaskShape.of(space), config.labelSmoothing(), strategy.distillation());
    }

    /**
     * A training from the start; a checkpoint and a curve that are in the folder are replaced.
     *
     * @param folder where checkpoint and curve are written
     */
    public static SupernetTrainer start(SearchSpace space, DataSplit data, TrainingConfig config, Path folder)
            throws IOException {
        Supernet.requireTask(space, data);
        Files.deleteIfExists(folder.resolve(CHECKPOINT));
        Files.deleteIfExists(folder.resolve(CURVE));
        ParameterLayout layout = ParameterLayout.of(space);
        return new SupernetTrainer(space, data, config, folder, SharedParameters.initialize(layout, config.seed()));
    }

    /**
     * The training that the folder's checkpoint is of, from where it stopped.
     *
     * @throws InvalidInputException if there is no checkpoint, it is damaged, or it is of another space, data or settings
     */
    public static SupernetTrainer resume(SearchSpace space, DataSplit data, TrainingConfig config, Path folder)
            throws IOException {
        Supernet.requireTask(space, data);
        Path file = folder.resolve(CHECKPOINT);
        ParameterLayout layout = ParameterLayout.of(space);
        SupernetCheckpoint c = SupernetCheckpoint.read(file, space, layout, data);
        if (!c.configHash().equals(SupernetCheckpoint.configHash(space, config, data))) {
            throw new InvalidInputException(
                    "checkpoint %s was trained with other settings; resume with the settings it was started with, or give another folder"
                            .formatted(file));
        }
        if (c.step() > config.steps()) {
            throw Safetensors.broken(file, "its step %d is beyond the last, %d".formatted(c.step(), config.steps()));
        }
        cutCurve(folder.resolve(CURVE), c.step());
        SupernetTrainer t =
                new SupernetTrainer(space, data, config, folder, SharedParameters.of(layout, c.parameters()));
        t.optimizer.restore(c.moments());
        t.step = c.step();
        t.savedStep = c.step();
        return t;
    }

    /** {@link #resume} where the folder has a checkpoint, else {@link #start}. */
    public static SupernetTrainer startOrResume(SearchSpace space, DataSplit data, TrainingConfig config, Path folder)
            throws IOException {
        return Files.exists(folder.resolve(CHECKPOINT))
                ? resume(space, data, config, folder)
                : start(space, data, config, folder);
    }

    /** Drops rows of steps that will be done again, so that each step stands in the curve once. */
    private static void cutCurve(Path curve, int steps) throws IOException {
        if (!Files.exists(curve)) {
            return;
        }
        List<String> lines = new String(Files.readAllBytes(curve), StandardCharsets.UTF_8)
                .lines()
                .toList();
        int keep = Math.min(lines.size(), steps + 1);
        if (keep < lines.size()) {
            AtomicFiles.writeString(curve, String.join("\n", lines.subList(0, keep)) + "\n");
        }
    }

    /** Steps done. */
    public int step() {
        return step;
    }

    public TrainingConfig config() {
        return config;
    }

    /** Trains to the end and saves. */
    public void run(ProgressListener listener) throws IOException {
        runTo(config.steps(), listener);
    }

    /**
     * Trains up to a step and saves.
     *
     * @throws IllegalStateException if a loss is no finite number, naming step and architecture
     */
    public void runTo(int lastStep, ProgressListener listener) throws IOException {
        int last = Math.min(lastStep, config.steps());
        while (step < last) {
            float[] losses = oneStep();
            listener.report("training", step, config.steps(), String.format(Locale.ROOT, "loss %.3f", losses[0]));
            if (step % config.checkpointEverySteps() == 0) {
                save();
            }
        }
        if (savedStep != step) {
            save();
        }
    }

    private float[] oneStep() {
        List<Architecture> plan = strategy.plan(space, config.seed(), step);
        List<Graph> graphs = new ArrayList<>(plan.size());
        for (Architecture a : plan) {
            graphs.add(space.lower(a));
        }
        float[] losses = gradients.accumulate(graphs, batches.of(step));
        for (int i = 0; i < losses.length; i++) {
            if (!Float.isFinite(losses[i])) {
                throw new IllegalStateException(
                        "The loss of %s at training step %d is %s; the last checkpoint is whole: lower training.learningRate and start again"
                                .formatted(plan.get(i), step, losses[i]));
            }
        }
        double rate = config.learningRate(step);
        optimizer.update(SandwichStep.used(graphs), rate);
        double random = 0;
        for (int i = 2; i < losses.length; i++) {
            random += losses[i] / (losses.length - 2);
        }
        unwritten.add(String.format(
                Locale.ROOT,
                "%d,%.6g,%.6g,%.6g,%.6g",
                step + 1,
                rate,
                losses[0],
                losses.length > 1 ? losses[1] : 0f,
                random));
        step++;
        return losses;
    }

    /** The curve first: a checkpoint's steps are then all in it, whenever the process stops. */
    private void save() throws IOException {
        Map<String, float[]> values = parameters.values();
        values.forEach(this::requireFinite);
        try (AppendLog log = AppendLog.open(folder.resolve(CURVE), CURVE_HEADER)) {
            log.append(unwritten);
        }
        unwritten.clear();
        new SupernetCheckpoint(step, SupernetCheckpoint.configHash(space, config, data), values, optimizer.state())
                .write(folder.resolve(CHECKPOINT), space, parameters.layout(), data, config);
        savedStep = step;
    }

    /** A checkpoint with a NaN in it would be worse than none. */
    private void requireFinite(String name, float[] values) {
        for (float v : values) {
            if (!Float.isFinite(v)) {
                throw new IllegalStateException(
                        "Parameter %s has the value %s after training step %d; the last checkpoint is whole: lower training.learningRate and start again"
                                .formatted(name, v, step));
            }
        }
    }

    /** The network as trained so far; it shares this trainer's parameters and is closed with it. */
    public Supernet supernet() {
        return supernet;
    }

    @Override
    public void close() {
        supernet.close();
    }
}
