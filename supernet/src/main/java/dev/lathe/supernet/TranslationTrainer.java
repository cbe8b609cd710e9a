package dev.lathe.supernet;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TranslationTask;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * Trains the shared parameters of a space of translators, teacher-forced, by a {@link Strategy}; as {@link SupernetTrainer}
 * does for images, to the same files. A step's batch is of sentences of about one length, for which the space is made anew: the
 * shared parameters know no lengths.
 *
 * @see <a href="https://arxiv.org/abs/2005.14187">Wang et al., HAT, ACL 2020</a>
 */
public final class TranslationTrainer extends Trainer {
    private final Translator translator;

    private TranslationTrainer(Function<TranslationTask, SearchSpace> spaces, TranslationData data, TrainingLoop loop) {
        super(loop);
        this.translator = new Translator(spaces, loop.parameters(), data);
    }

    private static TextBatches batches(
            Function<TranslationTask, SearchSpace> spaces, TranslationData data, TrainingConfig config) {
        return new TextBatches(spaces, data, config.batchSize(), config.seed());
    }

    /**
     * A training from the start; a checkpoint and a curve that are in the folder are replaced.
     *
     * @param spaces the space by the sentences' lengths
     * @param folder where checkpoint and curve are written
     */
    public static TranslationTrainer start(
            Function<TranslationTask, SearchSpace> spaces, TranslationData data, TrainingConfig config, Path folder)
            throws IOException {
        SearchSpace space = spaces.apply(data.task());
        TextBatches batches = batches(spaces, data, config);
        return new TranslationTrainer(spaces, data, TrainingLoop.start(space, config, folder, batches));
    }

    /**
     * The training that the folder's checkpoint is of, from where it stopped.
     *
     * @throws InvalidInputException if there is no checkpoint, it is damaged, or it is of another space, data or settings
     */
    public static TranslationTrainer resume(
            Function<TranslationTask, SearchSpace> spaces, TranslationData data, TrainingConfig config, Path folder)
            throws IOException {
        SearchSpace space = spaces.apply(data.task());
        TextBatches batches = batches(spaces, data, config);
        return new TranslationTrainer(spaces, data, TrainingLoop.resume(space, config, folder, batches));
    }

    /** {@link #resume} where the folder has a checkpoint, else {@link #start}. */
    public static TranslationTrainer startOrResume(
            Function<TranslationTask, SearchSpace> spaces, TranslationData data, TrainingConfig config, Path folder)
            throws IOException {
        return Files.exists(folder.resolve(SupernetTrainer.CHECKPOINT))
                ? resume(spaces, data, config, folder)
                : start(spaces, data, config, folder);
    }

    /** The translators as trained so far; they share this trainer's parameters and are closed with it. */
    public Translator translator() {
        return translator;
    }

    @Override
    public void close() {
        translator.close();
    }
}
