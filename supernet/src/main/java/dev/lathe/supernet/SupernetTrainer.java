package dev.lathe.supernet;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.SearchSpace;
import dev.lathe.supernet.data.DataSplit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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
public final class SupernetTrainer extends Trainer {
    /** Name of the checkpoint in the training's folder. */
    public static final String CHECKPOINT = "checkpoint.safetensors";
    /** Name of the loss curve in the training's folder. */
    public static final String CURVE = "training.csv";

    private final Supernet supernet;

    private SupernetTrainer(SearchSpace space, DataSplit data, TrainingLoop loop) {
        super(loop);
        this.supernet = new Supernet(space, loop.parameters(), data);
    }

    /**
     * A training from the start; a checkpoint and a curve that are in the folder are replaced.
     *
     * @param folder where checkpoint and curve are written
     */
    public static SupernetTrainer start(SearchSpace space, DataSplit data, TrainingConfig config, Path folder)
            throws IOException {
        Supernet.requireTask(space, data);
        return new SupernetTrainer(space, data, TrainingLoop.start(space, config, folder, new Batches(data, config)));
    }

    /**
     * The training that the folder's checkpoint is of, from where it stopped.
     *
     * @throws InvalidInputException if there is no checkpoint, it is damaged, or it is of another space, data or settings
     */
    public static SupernetTrainer resume(SearchSpace space, DataSplit data, TrainingConfig config, Path folder)
            throws IOException {
        Supernet.requireTask(space, data);
        return new SupernetTrainer(space, data, TrainingLoop.resume(space, config, folder, new Batches(data, config)));
    }

    /** {@link #resume} where the folder has a checkpoint, else {@link #start}. */
    public static SupernetTrainer startOrResume(SearchSpace space, DataSplit data, TrainingConfig config, Path folder)
            throws IOException {
        return Files.exists(folder.resolve(CHECKPOINT))
                ? resume(space, data, config, folder)
                : start(space, data, config, folder);
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
