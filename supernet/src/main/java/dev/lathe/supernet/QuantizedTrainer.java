package dev.lathe.supernet;

import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.space.SearchSpace;
import dev.lathe.supernet.data.DataSplit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Fine-tunes a float32 supernet with all networks rounded, so that its subnets can be used in few bits without retraining (quantized-for-all). Weights go on
 * from the float32 checkpoint, quantisers start where the largest network has its activations; everything else is as in
 * {@link SupernetTrainer}: batches, strategy, resuming to the same bits. The sandwich's largest network, rounded too, teaches the others.
 *
 * @see <a href="https://arxiv.org/abs/2303.08308">Wang et al., SpaceEvo, ICCV 2023</a>
 */
public final class QuantizedTrainer extends Trainer {
    private static final double RATE = 0.1;
    private static final double STEPS = 0.2;

    private final QuantizedSupernet supernet;

    private QuantizedTrainer(SearchSpace space, DataSplit data, BitWidth width, TrainingLoop loop) {
        super(loop);
        this.supernet = new QuantizedSupernet(space, loop.parameters(), data, width);
    }

    /** Settings of the fine-tuning that follows a float32 training: a tenth of its rate, a fifth of its steps, batches of its own. */
    public static TrainingConfig fineTuning(TrainingConfig floats) {
        return floats.withSteps(Math.max(1, (int) (STEPS * floats.steps())))
                .withLearningRate(RATE * floats.learningRate())
                .withSeed(Seeds.derive(floats.seed(), "fine-tuning", 0));
    }

    /**
     * A fine-tuning from the start; a checkpoint and a curve that are in the folder are replaced.
     *
     * @param floats checkpoint of a {@link SupernetTrainer} for the same space and data
     * @param folder where checkpoint and curve are written; another than that of {@code floats}
     * @throws InvalidInputException if there is no such checkpoint, or it is damaged or of another space or data set
     */
    public static QuantizedTrainer start(
            SearchSpace space, DataSplit data, TrainingConfig config, BitWidth width, Path floats, Path folder)
            throws IOException {
        Trainee rounded = new Rounded(space, data, width, checked(floats, folder));
        return new QuantizedTrainer(
                space, data, width, TrainingLoop.start(space, config, folder, new Batches(data, config), rounded));
    }

    /**
     * The fine-tuning that the folder's checkpoint is of, from where it stopped.
     *
     * @throws InvalidInputException if there is no checkpoint, it is damaged, or it is of another space, data, bit width, settings or
     *     float32 checkpoint
     */
    public static QuantizedTrainer resume(
            SearchSpace space, DataSplit data, TrainingConfig config, BitWidth width, Path floats, Path folder)
            throws IOException {
        Supernet.requireTask(space, data);
        Trainee rounded = new Rounded(space, data, width, checked(floats, folder));
        return new QuantizedTrainer(
                space, data, width, TrainingLoop.resume(space, config, folder, new Batches(data, config), rounded));
    }

    /** {@link #resume} where the folder has a checkpoint, else {@link #start}. */
    public static QuantizedTrainer startOrResume(
            SearchSpace space, DataSplit data, TrainingConfig config, BitWidth width, Path floats, Path folder)
            throws IOException {
        return Files.exists(folder.resolve(SupernetTrainer.CHECKPOINT))
                ? resume(space, data, config, width, floats, folder)
                : start(space, data, config, width, floats, folder);
    }

    private static Path checked(Path floats, Path folder) {
        if (floats.toAbsolutePath()
                .normalize()
                .equals(folder.resolve(SupernetTrainer.CHECKPOINT)
                        .toAbsolutePath()
                        .normalize())) {
            throw new InvalidInputException(
                    "the fine-tuning would replace the float32 checkpoint %s; give it a folder of its own"
                            .formatted(floats));
        }
        if (!Files.isRegularFile(floats)) {
            throw new InvalidInputException(
                    "no float32 checkpoint at %s; train the supernet first, then fine-tune it".formatted(floats));
        }
        return floats;
    }

    private record Rounded(SearchSpace space, DataSplit data, BitWidth width, Path floats) implements Trainee {
        @Override
        public ParameterLayout layout() {
            return Quantizers.layout(space, width);
        }

        @Override
        public SharedParameters fresh() throws IOException {
            try (Supernet s = Supernet.load(floats, space, data)) {
                if (!s.parameters().kernels().isEmpty()) {
                    throw new InvalidInputException(
                            "checkpoint %s has kernel transforms, which are not fine-tuned in few bits; train it without training.kernelTransforms"
                                    .formatted(floats));
                }
                try (QuantizedSupernet q = QuantizedSupernet.initial(s, width, Quantizers.sources(space, width))) {
                    return SharedParameters.of(
                            layout(), q.float32().parameters().values());
                }
            }
        }

        @Override
        public GraphExecutor executor(SharedParameters parameters) {
            return new GraphExecutor(parameters, new FakeQuantization(parameters, width));
        }

        @Override
        public String identity() throws IOException {
            return width.text() + " from " + Hashes.sha256(Files.readAllBytes(floats));
        }
    }

    /** The networks as trained so far; they share this trainer's parameters and are closed with it. */
    public QuantizedSupernet supernet() {
        return supernet;
    }

    @Override
    public void close() {
        supernet.close();
    }
}
