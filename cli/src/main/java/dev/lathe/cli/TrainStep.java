package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.supernet.BitWidth;
import dev.lathe.supernet.QuantizedSupernet;
import dev.lathe.supernet.QuantizedTrainer;
import dev.lathe.supernet.Supernet;
import dev.lathe.supernet.SupernetTrainer;
import dev.lathe.supernet.TrainingConfig;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Trains the supernet, and fine-tunes it with rounding where that is asked for, or goes on where a training stopped. */
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
        BitWidth width = w.experiment().training().quantization();
        if (width != null) {
            try (QuantizedTrainer trainer = QuantizedTrainer.startOrResume(
                    w.space(), w.data(), fineTuning(w), width, checkpoint(w), tuned(w, width))) {
                trainer.run(w.progress());
            }
        }
    }

    private static Path checkpoint(Workbench w) {
        return w.run().supernet().resolve(SupernetTrainer.CHECKPOINT);
    }

    private static TrainingConfig fineTuning(Workbench w) {
        return QuantizedTrainer.fineTuning(w.trainingConfig());
    }

    /** Beside the float32 supernet, which it starts from. */
    private static Path tuned(Workbench w, BitWidth width) {
        return w.folder().resolve("supernet-" + width.text());
    }

    /**
     * The supernet in float32; where the experiment asks for quantization, the fine-tuned weights without rounding.
     *
     * @throws InvalidInputException if there is no supernet that was trained to the end
     */
    static Supernet load(Workbench w) throws IOException {
        QuantizedSupernet quantized = loadQuantized(w);
        return quantized == null ? loadFloat(w) : quantized.float32();
    }

    /** The supernet as its networks are to be used, rounded where the experiment asks for quantization: what a search compares. */
    static Supernet loadAsUsed(Workbench w) throws IOException {
        QuantizedSupernet quantized = loadQuantized(w);
        return quantized == null ? loadFloat(w) : quantized.fakeQuantized();
    }

    /** The fine-tuned supernet, or null where the experiment asks for none. */
    static @Nullable QuantizedSupernet loadQuantized(Workbench w) throws IOException {
        BitWidth width = w.experiment().training().quantization();
        if (width == null) {
            return null;
        }
        requireTrained(w);
        Path folder = tuned(w, width);
        Path file = folder.resolve(SupernetTrainer.CHECKPOINT);
        String train = "run lathe train --out %s first".formatted(w.folder());
        if (!Files.exists(file)) {
            throw new InvalidInputException(
                    "%s has no supernet fine-tuned for %s; %s".formatted(w.folder(), width.text(), train));
        }
        try (QuantizedTrainer trainer =
                QuantizedTrainer.resume(w.space(), w.data(), fineTuning(w), width, checkpoint(w), folder)) {
            if (trainer.step() < trainer.config().steps()) {
                throw new InvalidInputException("the supernet in %s is fine-tuned for %d of %d steps; %s"
                        .formatted(folder, trainer.step(), trainer.config().steps(), train));
            }
        }
        return QuantizedSupernet.load(file, w.space(), w.data(), width);
    }

    private static Supernet loadFloat(Workbench w) throws IOException {
        requireTrained(w);
        return Supernet.load(checkpoint(w), w.space(), w.data());
    }

    private static void requireTrained(Workbench w) throws IOException {
        Path checkpoint = checkpoint(w);
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
    }
}
