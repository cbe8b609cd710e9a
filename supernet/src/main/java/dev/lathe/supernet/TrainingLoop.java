package dev.lathe.supernet;

import dev.lathe.base.AppendLog;
import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A training by a {@link Strategy}, whatever the data: batches, networks, gradients, updates, curve, checkpoint.
 *
 * <p>All randomness of a step is a function of seed and step, and the checkpoint holds parameters and optimizer state in
 * full: a training that was stopped and resumed ends with the same bits as one that was not.
 */
final class TrainingLoop implements AutoCloseable {
    /** By the sandwich rule the first network is the largest, the second the smallest; 0 where a step has no such network. */
    private static final String CURVE_HEADER = "step,learningRate,lossLargest,lossSmallest,lossRandomMean";

    private final SearchSpace space;
    private final TrainingConfig config;
    private final Path folder;
    private final SharedParameters parameters;
    private final AdamW optimizer;
    private final TrainingBatches batches;
    private final String data;
    private final String identity;
    private final GraphExecutor executor;
    private final TrainingStrategy strategy;
    private final SandwichStep gradients;
    private final @Nullable AdaptiveDropout dropout;
    private final List<String> unwritten = new ArrayList<>();
    private int step;
    private int savedStep = -1;

    private TrainingLoop(
            SearchSpace space,
            TrainingConfig config,
            Path folder,
            TrainingBatches batches,
            String data,
            String identity,
            SharedParameters parameters,
            GraphExecutor executor) {
        this.identity = identity;
        this.executor = executor;
        this.space = space;
        this.config = config;
        this.folder = folder;
        this.batches = new PrefetchedBatches(batches);
        this.data = data;
        this.parameters = parameters;
        this.strategy = TrainingStrategy.of(config);
        this.dropout = config.regularization().dropout() > 0
                ? new AdaptiveDropout(config.regularization(), widths(space, parameters), config.seed())
                : null;
        this.optimizer = new AdamW(
                parameters,
                config.weightDecay(),
                config.gradientClip(),
                strategy.distillation() == Distillation.ALPHA,
                batches.squaredGradientDecay());
        this.gradients = new SandwichStep(parameters, executor, config.labelSmoothing(), strategy.distillation());
    }

    /** From the start; a checkpoint and a curve that are in the folder are replaced. */
    static TrainingLoop start(SearchSpace space, TrainingConfig config, Path folder, TrainingBatches batches)
            throws IOException {
        return start(space, config, folder, batches, Trainee.random(space, config, batches.initialization()));
    }

    static TrainingLoop start(
            SearchSpace space, TrainingConfig config, Path folder, TrainingBatches batches, Trainee trainee)
            throws IOException {
        requirePlaces(space, config);
        SharedParameters fresh = trainee.fresh();
        Files.deleteIfExists(folder.resolve(SupernetTrainer.CHECKPOINT));
        Files.deleteIfExists(folder.resolve(SupernetTrainer.CURVE));
        return new TrainingLoop(
                space,
                config,
                folder,
                batches,
                batches.fingerprint(),
                trainee.identity(),
                fresh,
                trainee.executor(fresh));
    }

    /**
     * The training that the folder's checkpoint is of, from where it stopped.
     *
     * @throws InvalidInputException if there is no checkpoint, it is damaged, or it is of another space, data or settings
     */
    static TrainingLoop resume(SearchSpace space, TrainingConfig config, Path folder, TrainingBatches batches)
            throws IOException {
        return resume(space, config, folder, batches, Trainee.random(space, config, batches.initialization()));
    }

    static TrainingLoop resume(
            SearchSpace space, TrainingConfig config, Path folder, TrainingBatches batches, Trainee trainee)
            throws IOException {
        requirePlaces(space, config);
        Path file = folder.resolve(SupernetTrainer.CHECKPOINT);
        ParameterLayout layout = trainee.layout();
        String identity = trainee.identity();
        String data = batches.fingerprint();
        SupernetCheckpoint c = SupernetCheckpoint.read(file, space, layout, data);
        if (!c.configHash().equals(SupernetCheckpoint.configHash(space, config, data + identity))) {
            throw new InvalidInputException(
                    "checkpoint %s was trained with other settings; resume with the settings it was started with, or give another folder"
                            .formatted(file));
        }
        if (c.step() > config.steps()) {
            throw SupernetCheckpoint.broken(
                    file, "its step %d is beyond the last, %d".formatted(c.step(), config.steps()));
        }
        cutCurve(folder.resolve(SupernetTrainer.CURVE), c.step());
        SharedParameters saved = SharedParameters.of(c.layout(), c.parameters());
        TrainingLoop t =
                new TrainingLoop(space, config, folder, batches, data, identity, saved, trainee.executor(saved));
        t.optimizer.restore(c.moments());
        t.step = c.step();
        t.savedStep = c.step();
        return t;
    }

    /** Full widths: a network that is trained alone has the rate that it has in its supernet. */
    private static ParameterLayout widths(SearchSpace space, SharedParameters parameters) {
        return space instanceof SingleNetworkSpace s ? ParameterLayout.of(s.origin()) : parameters.layout();
    }

    private static void requirePlaces(SearchSpace space, TrainingConfig config) {
        if (config.regularization().dropout() > 0) {
            AdaptiveDropout.requireTransformer(space, config.regularization().dropout());
        }
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
    int step() {
        return step;
    }

    TrainingConfig config() {
        return config;
    }

    /**
     * Trains up to a step and saves.
     *
     * @throws IllegalStateException if a loss is no finite number, naming step and architecture
     */
    void runTo(int lastStep, ProgressListener listener) throws IOException {
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

    /** Before smaller widths open, where that is asked for: the same whether the training was stopped there or not. */
    private void reorder() {
        if (config.shrinking().reorderChannels() && strategy instanceof ProgressiveShrinking shrinking) {
            Architecture narrow = shrinking.narrowestBefore(space, step);
            if (narrow != null) {
                new ChannelOrder(space, parameters.layout()).apply(parameters, optimizer, space.lower(narrow));
            }
        }
    }

    private IntFunction<NodeOutputs> outputs(List<Graph> graphs) {
        return dropout == null ? i -> NodeOutputs.SAME : dropout.of(graphs, step);
    }

    private float[] oneStep() {
        reorder();
        List<Architecture> plan = strategy.plan(space, config.seed(), step);
        TrainingBatch batch = batches.of(step);
        SearchSpace sized = batch.sized(space);
        List<Graph> graphs = new ArrayList<>(plan.size());
        for (Architecture a : plan) {
            graphs.add(sized.lower(a));
        }
        float[] losses = gradients.accumulate(graphs, batch, outputs(graphs));
        for (int i = 0; i < losses.length; i++) {
            if (!Float.isFinite(losses[i])) {
                throw new IllegalStateException(
                        "The loss of %s at training step %d is %s; the last checkpoint is whole: lower training.learningRate and start again"
                                .formatted(plan.get(i), step, losses[i]));
            }
        }
        double rate = config.learningRate(step);
        optimizer.update(executor.used(graphs), rate);
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
        try (AppendLog log = AppendLog.open(folder.resolve(SupernetTrainer.CURVE), CURVE_HEADER)) {
            log.append(unwritten);
        }
        unwritten.clear();
        new SupernetCheckpoint(
                        parameters.layout(),
                        step,
                        SupernetCheckpoint.configHash(space, config, data + identity),
                        values,
                        optimizer.state())
                .write(folder.resolve(SupernetTrainer.CHECKPOINT), space, data, config);
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

    SharedParameters parameters() {
        return parameters;
    }

    @Override
    public void close() {
        parameters.close();
    }
}
