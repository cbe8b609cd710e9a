package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.supernet.Supernet;
import dev.lathe.supernet.SupernetTrainer;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Trains the supernet, or goes on where a training stopped. */
final class TrainStep {
    private TrainStep() {}

    /** Trains to the end, which is at once where it has been reached. */
    static void run(Workbench w) throws IOException {
        if (w.content() instanceof TranslationData text) {
            TranslationStep.train(w, text);
            return;
        }
        try (SupernetTrainer trainer = SupernetTrainer.startOrResume(
                w.space(), w.data(), w.trainingConfig(), w.run().supernet())) {
            trainer.run(w.progress());
        }
    }

    /** @throws InvalidInputException if there is no supernet that was trained to the end */
    static Supernet load(Workbench w) throws IOException {
        Path checkpoint = w.run().supernet().resolve(SupernetTrainer.CHECKPOINT);
        if (!Files.exists(checkpoint)) {
            throw new InvalidInputException(
                    "%s has no supernet; run lathe train --out %s first".formatted(w.folder(), w.folder()));
        }
        try (SupernetTrainer trainer = SupernetTrainer.resume(
                w.space(), w.data(), w.trainingConfig(), w.run().supernet())) {
            if (trainer.step() < trainer.config().steps()) {
                throw new InvalidInputException(
                        "the supernet in %s is trained for %d of %d steps; run lathe train --out %s --resume first"
                                .formatted(
                                        w.folder(),
                                        trainer.step(),
                                        trainer.config().steps(),
                                        w.folder()));
            }
        }
        return Supernet.load(checkpoint, w.space(), w.data());
    }
}
