package dev.lathe.cli;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.Hashes;
import dev.lathe.base.Json;
import dev.lathe.base.ProgressListener;
import dev.lathe.device.OnnxModel;
import dev.lathe.device.OnnxTranslator;
import dev.lathe.evolve.Evaluation;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.IncrementalOnnx;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.Safetensors;
import dev.lathe.results.Checksums;
import dev.lathe.results.FrontFile;
import dev.lathe.results.ModelCard;
import dev.lathe.results.TranslatorCard;
import dev.lathe.space.Architecture;
import dev.lathe.space.TranslationTask;
import dev.lathe.supernet.Translations;
import dev.lathe.supernet.Translator;
import dev.lathe.supernet.TranslatorAgreement;
import dev.lathe.supernet.text.Bleu;
import dev.lathe.supernet.text.SentencePairs;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes translators as ONNX, an encoder and a decoder each, and checks them: scores token by token against the supernet's, and
 * BLEU of what ONNX Runtime translates of the test part with the two files.
 */
final class TranslatorExportStep {
    /** Name of the summary of all exported translators in the export folder. */
    static final String FILE = "translators.json";

    static final String ENCODER = "-encoder.onnx";
    static final String DECODER = "-decoder.onnx";
    static final String WEIGHTS = ".safetensors";
    /** Positions of source and target: of the longest sentence that data may hold, and of its longest translation. */
    static final int POSITIONS = Translations.longest(TranslationData.LONGEST_SENTENCE + 1);

    /** Enough for BLEU to a few points, in seconds a network. */
    static final int SENTENCES = 200;

    private static final int COMPARED_SENTENCES = 16;

    private TranslatorExportStep() {}

    /** The front by the names of its files, or, before a search, the largest and the smallest network. */
    static Map<String, Architecture> networks(Workbench w) throws IOException {
        Map<String, Architecture> networks = new LinkedHashMap<>();
        if (Files.exists(w.run().front())) {
            for (Evaluation e : FrontFile.read(w.run().front()).members()) {
                networks.put("net-%02d".formatted(networks.size() + 1), e.architecture());
            }
        } else {
            networks.put("largest", w.space().largest());
            networks.put("smallest", w.space().smallest());
        }
        return networks;
    }

    /**
     * Exports networks.
     *
     * @param networks by the names of their files
     * @param sentences of the test part to translate, at most
     */
    static Map<String, TranslatorCard> run(
            Workbench w, TranslationData text, Map<String, Architecture> networks, int sentences) throws IOException {
        Path folder = w.run().export();
        Files.createDirectories(folder);
        byte[] vocabulary = text.vocabulary().toJson().getBytes(StandardCharsets.UTF_8);
        AtomicFiles.write(folder.resolve(TranslationStep.VOCABULARY), vocabulary);
        ModelCard.ModelFile tokenizer = file(TranslationStep.VOCABULARY, vocabulary);
        Map<String, TranslatorCard> cards = new LinkedHashMap<>();
        try (Translator translator = TranslationStep.load(w, text)) {
            for (Map.Entry<String, Architecture> e : networks.entrySet()) {
                cards.put(e.getKey(), export(w, translator, e.getKey(), e.getValue(), sentences, tokenizer));
                w.progress().report("export", cards.size(), networks.size(), e.getKey());
            }
        }
        AtomicFiles.writeString(folder.resolve(FILE), Json.json().writeValueAsString(cards) + "\n");
        AtomicFiles.writeString(
                folder.resolve(CardTexts.EXPERIMENT), w.experiment().yaml());
        List<Path> files = new ArrayList<>();
        for (String other : List.of(FILE, CardTexts.EXPERIMENT, TranslationStep.VOCABULARY)) {
            files.add(folder.resolve(other));
        }
        for (String name : cards.keySet()) {
            for (String ending : List.of(ENCODER, DECODER, WEIGHTS, ".json")) {
                files.add(folder.resolve(name + ending));
            }
        }
        Checksums.update(folder, path -> true, files);
        return cards;
    }

    private static ModelCard.ModelFile file(String name, byte[] bytes) {
        return new ModelCard.ModelFile(name, bytes.length, Hashes.sha256(bytes));
    }

    private static TranslatorCard export(
            Workbench w,
            Translator translator,
            String name,
            Architecture a,
            int sentences,
            ModelCard.ModelFile tokenizer)
            throws IOException {
        Path folder = w.run().export();
        TranslationData text = translator.data();
        Graph graph = w.space().lower(a);
        Map<String, String> metadata = ExportMetadata.origin(w, a, text.name());
        byte[] tensors = Safetensors.write(graph, translator.extract(a), metadata);
        AtomicFiles.write(folder.resolve(name + WEIGHTS), tensors);
        metadata.put("weightsSha256", Hashes.sha256(tensors));
        metadata.put("tokenizerSha256", tokenizer.sha256());
        metadata.put("opset", Integer.toString(OnnxWriter.OPSET));
        metadata.put(
                "tokens",
                "%d padding, %d beginning of a translation, %d end of a sentence, %d unknown"
                        .formatted(
                                TranslationTask.PADDING,
                                TranslationTask.BEGIN,
                                TranslationTask.END,
                                TranslationTask.UNKNOWN));
        IncrementalOnnx.Files files = translator.export(a, POSITIONS, metadata);
        AtomicFiles.write(folder.resolve(name + ENCODER), files.encoder());
        AtomicFiles.write(folder.resolve(name + DECODER), files.decoder());
        try (OnnxTranslator onnx = OnnxTranslator.load(files, name)) {
            TranslatorAgreement agreement = TranslatorAgreement.of(
                    translator, a, onnx, text.validation().first(COMPARED_SENTENCES));
            if (!(agreement.largestDifference() < ExportStep.AGREEMENT)) {
                throw new IllegalStateException("The exported %s differs from the supernet by %s in a score of %s"
                        .formatted(name, agreement.largestDifference(), a));
            }
            CostModel.Cost cost = CostModel.of(graph);
            TranslatorCard card = new TranslatorCard(
                    about(w, text),
                    a.toString(),
                    ModelCard.decisions(w.space(), a),
                    quality(w, translator, a, onnx, sentences),
                    new TranslatorCard.Agreement(
                            agreement.largestDifference(), agreement.sentences(), agreement.sameTranslations()),
                    cost.macs(),
                    cost.parameters(),
                    POSITIONS,
                    file(name + ENCODER, files.encoder()),
                    file(name + DECODER, files.decoder()),
                    file(name + WEIGHTS, tensors),
                    tokenizer,
                    CardTexts.TRANSLATOR_ORIGINS,
                    origin(w, text),
                    Versions.all(w));
            card.write(folder.resolve(name + ".json"));
            return card;
        }
    }

    private static TranslatorCard.Quality quality(
            Workbench w, Translator translator, Architecture a, OnnxTranslator onnx, int sentences) {
        TranslationData text = translator.data();
        SentencePairs part = text.test().first(sentences);
        return new TranslatorCard.Quality(
                translator.crossEntropy(a, text.validation()),
                bleu(onnx, text, part, w.progress()).score(),
                part.size(),
                text.test().size(),
                TranslationStep.BEAM,
                TranslationStep.LENGTH_PENALTY,
                "weights inherited from the supernet, no retraining; sacreBLEU of what the two files translate in ONNX Runtime %s, the first %d of %d test sentences"
                        .formatted(
                                OnnxModel.runtimeVersion(),
                                part.size(),
                                text.test().size()),
                text.name(),
                CardTexts.attribution(text.attribution()));
    }

    /** BLEU of the translations of exported files. */
    static Bleu bleu(OnnxTranslator onnx, TranslationData text, SentencePairs part, ProgressListener progress) {
        List<String> lines = Translations.of(
                length -> onnx,
                part,
                text.vocabulary(),
                TranslationStep.BEAM,
                TranslationStep.LENGTH_PENALTY,
                progress);
        return Bleu.of(lines, part.references());
    }

    private static String about(Workbench w, TranslationData text) {
        return "A translator (%s), a network of the search space %s (%s) with weights cut from a shared supernet, not trained on its own; exported as ONNX, an encoder and a decoder of one token, by Lathe %s."
                .formatted(text.name(), w.space().name(), w.space().description(), Main.VERSION);
    }

    private static TranslatorCard.Origin origin(Workbench w, TranslationData text) {
        return new TranslatorCard.Origin(
                w.run().manifest().experimentHash(),
                CardTexts.EXPERIMENT,
                w.experiment().data(),
                text.fingerprint(),
                text.task().sourceLength(),
                text.task().targetLength(),
                List.of(
                        "lathe train " + CardTexts.EXPERIMENT + " --out again",
                        "lathe export --out again",
                        "lathe verify ."));
    }

    /** What to print. */
    static String summary(Workbench w, Map<String, TranslatorCard> cards, boolean json) throws IOException {
        if (json) {
            return Json.json()
                            .writeValueAsString(
                                    Map.of("runDirectory", w.folder().toString(), "translators", cards))
                    + "\n";
        }
        Table t = new Table(
                "network", "BLEU test", "loss val.", "MACs", "parameters", "bytes", "difference", "same greedily");
        cards.forEach((name, c) -> t.row(
                name,
                String.format(Locale.ROOT, "%.2f", c.quality().testBleu()),
                String.format(Locale.ROOT, "%.3f", c.quality().validationLoss()),
                Quantities.show("macs", c.macs()),
                Quantities.show("parameters", c.parameters()),
                "%,d".formatted(c.encoder().bytes() + c.decoder().bytes()),
                "%.1e".formatted(c.agreement().largestDifference()),
                "%d of %d"
                        .formatted(
                                c.agreement().sameTranslations(), c.agreement().sentences())));
        TranslatorCard.Quality q = cards.values().iterator().next().quality();
        return t
                + "sacreBLEU of the exported ONNX files in ONNX Runtime, beam %d, %,d of %,d test sentences; weights inherited from the supernet%nexport: %s%n"
                        .formatted(
                                q.beam(),
                                q.testSentences(),
                                q.testPart(),
                                w.run().export());
    }
}
