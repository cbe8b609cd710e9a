package dev.lathe.cli;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TranslationTask;
import dev.lathe.supernet.SupernetTrainer;
import dev.lathe.supernet.TranslationTrainer;
import dev.lathe.supernet.Translator;
import dev.lathe.supernet.text.Bleu;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Function;

/** Trains a supernet of translators, and scores its extremes. */
final class TranslationStep {
    /** The vocabulary beside the checkpoint. */
    static final String VOCABULARY = "tokenizer.json";

    static final int BEAM = 5;
    static final double LENGTH_PENALTY = 1;

    private TranslationStep() {}

    /** The space of this reference for sentences of any length. */
    static Function<TranslationTask, SearchSpace> spaces(String reference) {
        return task -> SearchSpaces.create(reference, task);
    }

    /** Trains to the end, which is at once where it has been reached. */
    static void train(Workbench w, TranslationData text) throws IOException {
        Path folder = w.run().supernet();
        AtomicFiles.writeString(folder.resolve(VOCABULARY), text.vocabulary().toJson());
        try (TranslationTrainer trainer =
                TranslationTrainer.startOrResume(spaces(w.space().reference()), text, w.trainingConfig(), folder)) {
            trainer.run(w.progress());
        }
    }

    /**
     * The trained translators.
     *
     * @throws InvalidInputException if there is no supernet that was trained to the end
     */
    static Translator load(Workbench w, TranslationData text) throws IOException {
        Path folder = w.run().supernet();
        Path checkpoint = folder.resolve(SupernetTrainer.CHECKPOINT);
        String train = "run lathe train --out %s first".formatted(w.folder());
        if (!Files.exists(checkpoint)) {
            throw new InvalidInputException("%s has no supernet; %s".formatted(w.folder(), train));
        }
        Function<TranslationTask, SearchSpace> spaces = spaces(w.space().reference());
        try (TranslationTrainer trainer = TranslationTrainer.resume(spaces, text, w.trainingConfig(), folder)) {
            if (trainer.step() < trainer.config().steps()) {
                throw new InvalidInputException("the supernet in %s is trained for %d of %d steps; %s"
                        .formatted(w.folder(), trainer.step(), trainer.config().steps(), train));
            }
        }
        return Translator.load(checkpoint, spaces, text);
    }

    /** What the largest and the smallest network do on the validation part, a line each. */
    static String summary(Workbench w, TranslationData text) throws IOException {
        int skipped = text.train().skipped()
                + text.validation().skipped()
                + text.test().skipped();
        StringBuilder lines =
                new StringBuilder(skipped == 0 ? "" : "pairs left out, empty or too long: %d%n".formatted(skipped));
        Path checkpoint = w.run().supernet().resolve(SupernetTrainer.CHECKPOINT);
        try (Translator t = Translator.load(checkpoint, spaces(w.space().reference()), text)) {
            lines.append(score(t, "largest", w.space().largest(), w)).append(System.lineSeparator());
            lines.append(score(t, "smallest", w.space().smallest(), w));
        }
        return lines.toString();
    }

    private static String score(Translator t, String which, Architecture a, Workbench w) {
        Bleu bleu = t.bleu(a, t.data().validation(), BEAM, LENGTH_PENALTY, w.progress());
        return String.format(
                Locale.ROOT,
                "%s network, validation: %.3f nats a token, sacreBLEU %s",
                which,
                t.crossEntropy(a, t.data().validation()),
                bleu);
    }
}
