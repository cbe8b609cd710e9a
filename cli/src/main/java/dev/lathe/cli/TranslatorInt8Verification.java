package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.device.OnnxModel;
import dev.lathe.graph.IncrementalOnnx;
import dev.lathe.graph.quant.OnnxQuantizer;
import dev.lathe.results.QuantizedTranslatorCard;
import dev.lathe.results.TranslatorCard;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks a translator's 8-bit files: the float32 ones with the scales that they hold, and BLEU. */
final class TranslatorInt8Verification {
    private final Path export;
    private final ExportFindings found;
    private final @Nullable TranslationData text;
    private final ProgressListener progress;
    private int written;
    private int translated;

    /** @param text the run's; null where BLEU cannot be computed again */
    TranslatorInt8Verification(
            Path export, ExportFindings found, @Nullable TranslationData text, ProgressListener progress) {
        this.export = export;
        this.found = found;
        this.text = text;
        this.progress = progress;
    }

    /**
     * Checks one, where it is there.
     *
     * @param float32 checked already
     */
    void check(String name, TranslatorCard of, IncrementalOnnx.Files float32) throws IOException {
        String base = Int8ExportStep.FOLDER + "/" + name + TranslatorInt8Step.ENDING;
        String cardFile = base + ".json";
        if (!Files.isRegularFile(export.resolve(cardFile), LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        for (String file :
                List.of(cardFile, base + TranslatorExportStep.ENCODER, base + TranslatorExportStep.DECODER)) {
            if (found.isFaulty(file) || !Files.isRegularFile(export.resolve(file), LinkOption.NOFOLLOW_LINKS)) {
                found.notChecked("the 8-bit form of %s, because %s is not as it was exported".formatted(name, file));
                return;
            }
        }
        int before = found.faults().size();
        QuantizedTranslatorCard card = QuantizedTranslatorCard.read(export.resolve(cardFile));
        found.same(cardFile, "the architecture", card.architecture(), of.architecture());
        found.same(
                cardFile,
                "the size of the files in float32",
                card.float32Bytes(),
                of.encoder().bytes() + of.decoder().bytes());
        found.same(cardFile, "BLEU in float32", card.float32Bleu(), of.quality().testBleu());
        IncrementalOnnx.Files int8 = new IncrementalOnnx.Files(
                Files.readAllBytes(export.resolve(base + TranslatorExportStep.ENCODER)),
                Files.readAllBytes(export.resolve(base + TranslatorExportStep.DECODER)));
        same(base + TranslatorExportStep.ENCODER, float32.encoder(), int8.encoder());
        same(base + TranslatorExportStep.DECODER, float32.decoder(), int8.decoder());
        if (found.faults().size() > before) {
            return;
        }
        written++;
        TranslationData data = text;
        if (data != null && data.fingerprint().equals(of.origin().dataSha256())) {
            found.same(
                    cardFile,
                    "BLEU in 8 bits",
                    card.int8Bleu(),
                    TranslatorInt8Step.bleu(int8, cardFile, data, Math.max(1, card.testSentences()), progress));
            translated++;
        }
    }

    private void same(String file, byte[] float32, byte[] stored) {
        try {
            if (!Arrays.equals(stored, OnnxQuantizer.rescaled(float32, OnnxQuantizer.scales(stored)))) {
                found.fault(file, "is not what the float32 file gives in 8 bits");
            }
        } catch (InvalidInputException | IllegalArgumentException bad) {
            found.fault(file, "cannot be compared with the float32 file: " + bad.getMessage());
        }
    }

    /** Says what was checked. */
    void report() {
        if (written > 0) {
            found.checked("%d translators in 8-bit ONNX: the float32 files with the scales they hold, byte for byte"
                    .formatted(written));
        }
        if (translated > 0) {
            found.checked("%d translators in 8 bits: BLEU of the test part in ONNX Runtime %s, as stored"
                    .formatted(translated, OnnxModel.runtimeVersion()));
        }
    }
}
