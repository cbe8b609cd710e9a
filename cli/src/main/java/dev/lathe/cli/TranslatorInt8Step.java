package dev.lathe.cli;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.Hashes;
import dev.lathe.base.Json;
import dev.lathe.base.ProgressListener;
import dev.lathe.device.OnnxTranslator;
import dev.lathe.device.TranslatorQuantizer;
import dev.lathe.graph.IncrementalOnnx;
import dev.lathe.results.Checksums;
import dev.lathe.results.ModelCard;
import dev.lathe.results.QuantizedTranslatorCard;
import dev.lathe.results.TranslatorCard;
import dev.lathe.supernet.Translations;
import dev.lathe.supernet.text.SentencePairs;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes exported translators as 8-bit ONNX files too, with ranges from the training part, and translates the test part with them. */
final class TranslatorInt8Step {
    static final String ENDING = "-int8";

    private static final int CALIBRATION_SENTENCES = 64;
    private static final String METHOD =
            "static, after training: products with weights in 8 bits, a scale an output, unsigned activations with one a tensor from %d sentences; token tables with a scale a row; attention and normalization in float32";

    private TranslatorInt8Step() {}

    /** @param exported in float32, by the names of their files */
    static Map<String, QuantizedTranslatorCard> run(
            Workbench w, TranslationData text, Map<String, TranslatorCard> exported) throws IOException {
        Path folder = w.run().export().resolve(Int8ExportStep.FOLDER);
        Files.createDirectories(folder);
        Map<String, QuantizedTranslatorCard> cards = new LinkedHashMap<>();
        List<Path> files = new ArrayList<>();
        for (Map.Entry<String, TranslatorCard> e : exported.entrySet()) {
            String name = e.getKey() + ENDING;
            QuantizedTranslatorCard card = write(w, text, name, e.getValue());
            card.write(folder.resolve(name + ".json"));
            cards.put(name, card);
            for (String file : List.of(card.encoder().name(), card.decoder().name(), name + ".json")) {
                files.add(folder.resolve(file));
            }
            w.progress().report("8 bits", cards.size(), exported.size(), name);
        }
        Checksums.update(w.run().export(), path -> path.startsWith(Int8ExportStep.FOLDER + "/"), files);
        return cards;
    }

    private static QuantizedTranslatorCard write(Workbench w, TranslationData text, String name, TranslatorCard of)
            throws IOException {
        Path export = w.run().export();
        Path folder = export.resolve(Int8ExportStep.FOLDER);
        IncrementalOnnx.Files float32 = new IncrementalOnnx.Files(
                Files.readAllBytes(export.resolve(of.encoder().name())),
                Files.readAllBytes(export.resolve(of.decoder().name())));
        IncrementalOnnx.Files int8 = quantized(float32, name, text);
        int seen = seen(text).size();
        ModelCard.ModelFile encoder = file(folder, name + TranslatorExportStep.ENCODER, int8.encoder());
        ModelCard.ModelFile decoder = file(folder, name + TranslatorExportStep.DECODER, int8.decoder());
        TranslatorCard.Quality q = of.quality();
        double bleu = bleu(int8, name, text, q.testSentences(), w.progress());
        return new QuantizedTranslatorCard(
                of.architecture(),
                q.testBleu(),
                bleu,
                q.testBleu() - bleu,
                q.testSentences(),
                seen,
                METHOD.formatted(seen),
                encoder,
                decoder,
                of.encoder().bytes() + of.decoder().bytes(),
                Versions.all(w));
    }

    /** The 8-bit form of both files. */
    static IncrementalOnnx.Files quantized(IncrementalOnnx.Files float32, String name, TranslationData text) {
        return TranslatorQuantizer.quantized(
                float32,
                name,
                scorer -> Translations.of(
                        length -> scorer,
                        seen(text),
                        text.vocabulary(),
                        TranslationStep.BEAM,
                        TranslationStep.LENGTH_PENALTY,
                        ProgressListener.SILENT));
    }

    private static SentencePairs seen(TranslationData text) {
        return text.train().first(CALIBRATION_SENTENCES);
    }

    static double bleu(
            IncrementalOnnx.Files files, String name, TranslationData text, int sentences, ProgressListener progress) {
        try (OnnxTranslator onnx = OnnxTranslator.load(files, name)) {
            return TranslatorExportStep.bleu(onnx, text, text.test().first(sentences), progress)
                    .score();
        }
    }

    private static ModelCard.ModelFile file(Path folder, String name, byte[] bytes) throws IOException {
        AtomicFiles.write(folder.resolve(name), bytes);
        return new ModelCard.ModelFile(name, bytes.length, Hashes.sha256(bytes));
    }

    /** What to print. */
    static String summary(Workbench w, Map<String, QuantizedTranslatorCard> cards, boolean json) throws IOException {
        if (json) {
            return Json.json()
                            .writeValueAsString(
                                    Map.of("runDirectory", w.folder().toString(), "translators", cards))
                    + "\n";
        }
        Table t = new Table("network", "BLEU float32", "BLEU int8", "drop", "bytes float32", "bytes int8");
        cards.forEach((name, c) -> t.row(
                name,
                String.format(Locale.ROOT, "%.2f", c.float32Bleu()),
                String.format(Locale.ROOT, "%.2f", c.int8Bleu()),
                String.format(Locale.ROOT, "%.2f", c.bleuDrop()),
                "%,d".formatted(c.float32Bytes()),
                "%,d".formatted(c.encoder().bytes() + c.decoder().bytes())));
        return t
                + "sacreBLEU of the files in ONNX Runtime, %,d test sentences; 8-bit ONNX in %s%n"
                        .formatted(
                                cards.values().iterator().next().testSentences(),
                                w.run().export().resolve(Int8ExportStep.FOLDER));
    }
}
