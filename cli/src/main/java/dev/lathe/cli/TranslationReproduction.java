package dev.lathe.cli;

import dev.lathe.base.Folders;
import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.IncrementalOnnx;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TranslationTask;
import dev.lathe.space.hat.HatSettings;
import dev.lathe.supernet.StepBenchmark;
import dev.lathe.supernet.TrainingConfig;
import dev.lathe.supernet.TranslationTrainer;
import dev.lathe.supernet.text.Bleu;
import dev.lathe.supernet.text.TranslationData;
import dev.lathe.supernet.text.TranslationFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Trains HAT's small space on Multi30k, and translates its test part by the largest and the smallest network with inherited
 * weights.
 */
final class TranslationReproduction {
    private static final double LEAST_BLEU = 20;
    private static final double MOST_INT8_LOSS = 1;
    private static final double MOST_MINUTES = 60;
    private static final int STEP_WARM_UP = 3;
    private static final int STEP_ROUNDS = 15;
    /** Other tokens and no capitals, so that only the magnitude compares; 8,000 updates of 8,192 tokens on two GPUs. */
    private static final String THEIRS = "41.0, lower-cased and tokenized (2.6 M weights, trained alone)";

    private TranslationReproduction() {}

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        Path data = o.data;
        if (data == null) {
            throw new InvalidInputException(
                    "translation needs multi30k/; give its folder, for example --data ../shared/data");
        }
        TranslationData text = TranslationFiles.load(TranslationFiles.MULTI30K + data.resolve("multi30k"), 1);
        Path kept = o.run;
        Path folder = kept != null ? kept : Files.createTempDirectory("lathe-reproduce");
        try {
            return trained(o, text, folder);
        } finally {
            if (kept == null) {
                Folders.delete(folder);
            }
        }
    }

    private static List<ReproduceCommand.Row> trained(ReproduceCommand o, TranslationData text, Path folder)
            throws IOException {
        Function<TranslationTask, SearchSpace> spaces = TranslationStep.spaces(HatSettings.MINI.name());
        TrainingConfig config = TrainingConfig.translationDefaults();
        SearchSpace space = spaces.apply(text.task());
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        try (TranslationTrainer trainer = TranslationTrainer.startOrResume(spaces, text, config, folder)) {
            int from = trainer.step();
            long start = System.nanoTime();
            trainer.run(o.execution.progress());
            double minutes = (System.nanoTime() - start) / 60e9;
            rows.add(row(o, trainer, "largest", space.largest()));
            rows.add(row(o, trainer, "smallest", space.smallest()));
            rows.add(int8(o, trainer, "largest", space.largest()));
            rows.add(int8(o, trainer, "smallest", space.smallest()));
            rows.add(new ReproduceCommand.Row(
                    "training time, steps %,d to %,d of at most %,d tokens a side, %s"
                            .formatted(
                                    from,
                                    config.steps(),
                                    config.batchSize(),
                                    config.strategy().text()),
                    "",
                    String.format(Locale.ROOT, "%.1f minutes", minutes),
                    "at most %.0f minutes on two cores".formatted(MOST_MINUTES),
                    minutes <= MOST_MINUTES));
        }
        return rows;
    }

    /** What 8 bits cost the exported files, without any training. */
    private static ReproduceCommand.Row int8(
            ReproduceCommand o, TranslationTrainer trainer, String which, Architecture a) {
        TranslationData text = trainer.translator().data();
        IncrementalOnnx.Files float32 = trainer.translator().export(a, TranslatorExportStep.POSITIONS, Map.of());
        IncrementalOnnx.Files int8 = TranslatorInt8Step.quantized(float32, which, text);
        int sentences = TranslatorExportStep.SENTENCES;
        double before = TranslatorInt8Step.bleu(float32, which, text, sentences, o.execution.progress());
        double after = TranslatorInt8Step.bleu(int8, which, text, sentences, o.execution.progress());
        return new ReproduceCommand.Row(
                "%s network in 8-bit ONNX, %s for %s bytes, the first %d sentences in ONNX Runtime"
                        .formatted(which, bytes(int8), bytes(float32), sentences),
                "%.2f in float32".formatted(before),
                "%.2f".formatted(after),
                "at most %.1f less".formatted(MOST_INT8_LOSS),
                before - after <= MOST_INT8_LOSS);
    }

    private static String bytes(IncrementalOnnx.Files files) {
        return "%,d".formatted(files.encoder().length + files.decoder().length);
    }

    /** What weight sharing costs a step of translators. */
    static ReproduceCommand.Row stepCost(Path data) {
        TranslationData text = TranslationFiles.load(TranslationFiles.MULTI30K + data.resolve("multi30k"), 1);
        TrainingConfig config = TrainingConfig.translationDefaults();
        return Reproductions.stepCost(
                HatSettings.MINI.name(),
                config,
                StepBenchmark.run(
                        TranslationStep.spaces(HatSettings.MINI.name()), text, config, STEP_WARM_UP, STEP_ROUNDS));
    }

    private static ReproduceCommand.Row row(
            ReproduceCommand o, TranslationTrainer trainer, String which, Architecture a) {
        Bleu bleu = trainer.translator()
                .bleu(
                        a,
                        trainer.translator().data().test(),
                        TranslationStep.BEAM,
                        TranslationStep.LENGTH_PENALTY,
                        o.execution.progress());
        return new ReproduceCommand.Row(
                "%s, %s network, English to German, sacreBLEU of test_2016_flickr, beam %d"
                        .formatted(HatSettings.MINI.name(), which, TranslationStep.BEAM),
                THEIRS,
                bleu.toString(),
                "at least %.0f".formatted(LEAST_BLEU),
                bleu.score() >= LEAST_BLEU);
    }
}
