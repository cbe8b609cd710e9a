package dev.lathe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.base.ProgressListener;
import dev.lathe.device.OnnxModel;
import dev.lathe.device.OnnxTranslator;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.IncrementalGraph;
import dev.lathe.graph.IncrementalOnnx;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.Safetensors;
import dev.lathe.graph.WeightProvider;
import dev.lathe.results.ModelCard;
import dev.lathe.results.RunManifest;
import dev.lathe.results.TranslatorCard;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TranslationTask;
import dev.lathe.supernet.text.BytePairVocabulary;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks exported translators: what each card says against what its architecture, its weights and the text give now. */
final class TranslatorVerification {
    private final Path folder;
    private final ExportFindings found;
    private final Experiment experiment;
    private final @Nullable TranslationData text;
    private final ProgressListener progress;

    /**
     * @param experiment that the export is of
     * @param text its data; null where that is out of reach
     */
    TranslatorVerification(
            Path folder,
            ExportFindings found,
            Experiment experiment,
            @Nullable TranslationData text,
            ProgressListener progress) {
        this.folder = folder;
        this.found = found;
        this.experiment = experiment;
        this.text = text;
        this.progress = progress;
    }

    void run() throws IOException {
        if (found.isFaulty(TranslatorExportStep.FILE) || found.isFaulty(TranslationStep.VOCABULARY)) {
            found.notChecked("translators, because %s or %s is not as it was exported"
                    .formatted(TranslatorExportStep.FILE, TranslationStep.VOCABULARY));
            return;
        }
        BytePairVocabulary vocabulary = BytePairVocabulary.read(folder.resolve(TranslationStep.VOCABULARY));
        int whole = 0;
        int translated = 0;
        int done = 0;
        TranslatorInt8Verification int8 = new TranslatorInt8Verification(folder, found, text, progress);
        Map<String, TranslatorCard> cards = summary();
        for (Map.Entry<String, TranslatorCard> e : cards.entrySet()) {
            String name = e.getKey();
            String file = name + ".json";
            TranslatorCard card = e.getValue();
            try {
                if (files(name, card) && contents(file, card, vocabulary.size())) {
                    whole++;
                    translated += bleu(file, card) ? 1 : 0;
                    int8.check(name, card, read(card));
                }
            } catch (InvalidInputException | IllegalArgumentException bad) {
                found.fault(file, "or its network cannot be used: " + bad.getMessage());
            }
            progress.report("verify", ++done, cards.size(), name);
        }
        if (whole > 0) {
            found.checked(
                    "%d translators: decisions, MACs and parameters as their architecture gives; both ONNX files are the architecture with its weights, byte for byte"
                            .formatted(whole));
        }
        if (translated > 0) {
            found.checked("%d translators: BLEU of the test part in ONNX Runtime %s, as stored"
                    .formatted(translated, OnnxModel.runtimeVersion()));
        }
        int8.report();
    }

    private Map<String, TranslatorCard> summary() throws IOException {
        try {
            Map<String, TranslatorCard> read = Json.json()
                    .readValue(
                            Files.readAllBytes(folder.resolve(TranslatorExportStep.FILE)),
                            new TypeReference<LinkedHashMap<String, TranslatorCard>>() {});
            if (read != null && !read.isEmpty() && !read.containsValue(null)) {
                return read;
            }
            found.fault(TranslatorExportStep.FILE, "lists no translators");
        } catch (JsonProcessingException e) {
            found.fault(TranslatorExportStep.FILE, "is no list of translators: " + Names.shown(e.getOriginalMessage()));
        }
        return Map.of();
    }

    /** Whether the files of a translator are there, bear its name, and are those that its card describes. */
    private boolean files(String name, TranslatorCard card) throws IOException {
        String file = name + ".json";
        if (!name.matches("[A-Za-z0-9-]+") || !isPlain(file)) {
            found.fault(TranslatorExportStep.FILE, "lists '%s', which is not there".formatted(Names.shown(name)));
            return false;
        }
        int before = found.faults().size();
        if (!TranslatorCard.read(folder.resolve(file)).equals(card)) {
            found.fault(file, "is not the card that %s holds".formatted(TranslatorExportStep.FILE));
        }
        found.same(file, "its encoder", card.encoder().name(), name + TranslatorExportStep.ENCODER);
        found.same(file, "its decoder", card.decoder().name(), name + TranslatorExportStep.DECODER);
        found.same(file, "the file of its weights", card.weights().name(), name + TranslatorExportStep.WEIGHTS);
        found.same(file, "its tokenizer", card.tokenizer().name(), TranslationStep.VOCABULARY);
        found.same(file, "its run", card.origin().run(), RunManifest.hash(experiment.settings()));
        if (found.faults().size() == before) {
            for (ModelCard.ModelFile f : List.of(card.encoder(), card.decoder(), card.weights(), card.tokenizer())) {
                byte[] bytes = isPlain(f.name()) ? Files.readAllBytes(folder.resolve(f.name())) : new byte[0];
                if (bytes.length != f.bytes() || !Hashes.sha256(bytes).equals(f.sha256())) {
                    found.fault(f.name(), "is not the file that %s describes".formatted(file));
                }
            }
        }
        return found.faults().size() == before
                && !found.isFaulty(file)
                && !found.isFaulty(card.encoder().name())
                && !found.isFaulty(card.decoder().name())
                && !found.isFaulty(card.weights().name());
    }

    private boolean isPlain(String file) {
        return Files.isRegularFile(folder.resolve(file), LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether architecture, costs, weights and ONNX files belong together. */
    private boolean contents(String file, TranslatorCard card, int vocabulary) throws IOException {
        int before = found.faults().size();
        TranslatorCard.Origin origin = card.origin();
        SearchSpace space = space(vocabulary, origin.sourceLength(), origin.targetLength());
        Architecture a = Architecture.parse(card.architecture());
        Graph graph = space.lower(a);
        CostModel.Cost cost = CostModel.of(graph);
        found.same(file, "the number of MACs", card.macs(), cost.macs());
        found.same(file, "the number of parameters", card.parameters(), cost.parameters());
        found.same(file, "the decisions", card.decisions(), ModelCard.decisions(space, a));
        found.same(file, "the most tokens", card.longest(), TranslatorExportStep.POSITIONS);
        if (found.faults().size() > before) {
            return false;
        }
        String weightsName = card.weights().name();
        WeightProvider weights = Safetensors.read(Files.readAllBytes(folder.resolve(weightsName)), weightsName)
                .weightsOf(graph, weightsName);
        IncrementalOnnx.Files files = read(card);
        try (OnnxTranslator onnx = OnnxTranslator.load(files, file)) {
            Map<String, String> metadata = onnx.metadata();
            Map<String, String> expected = new LinkedHashMap<>();
            expected.put("architecture", card.architecture());
            expected.put("space", space.name());
            expected.put("run", origin.run());
            expected.put("weightsSha256", card.weights().sha256());
            expected.put("tokenizerSha256", card.tokenizer().sha256());
            expected.put("opset", Integer.toString(OnnxWriter.OPSET));
            expected.forEach((key, value) ->
                    found.same(card.decoder().name(), "its " + key, metadata.getOrDefault(key, "not said"), value));
            IncrementalOnnx.Files again = IncrementalOnnx.write(
                    cut(space(vocabulary, 1, 2), a),
                    cut(space(vocabulary, 2, 2), a),
                    weights,
                    card.longest(),
                    metadata);
            same(card.encoder().name(), files.encoder(), again.encoder(), weightsName);
            same(card.decoder().name(), files.decoder(), again.decoder(), weightsName);
        }
        return found.faults().size() == before;
    }

    private void same(String file, byte[] stored, byte[] again, String weights) {
        if (!Arrays.equals(stored, again)) {
            found.fault(file, "is not what its architecture with the weights of %s gives".formatted(weights));
        }
    }

    private IncrementalOnnx.Files read(TranslatorCard card) throws IOException {
        return new IncrementalOnnx.Files(
                Files.readAllBytes(folder.resolve(card.encoder().name())),
                Files.readAllBytes(folder.resolve(card.decoder().name())));
    }

    private SearchSpace space(int vocabulary, int sourceLength, int targetLength) {
        return SearchSpaces.create(
                experiment.space(), new TranslationTask(vocabulary, vocabulary, sourceLength, targetLength));
    }

    private static IncrementalGraph cut(SearchSpace space, Architecture a) {
        Graph graph = space.lower(a);
        return new IncrementalGraph(graph, graph.inputs().get(1));
    }

    /** Whether BLEU was computed again. */
    private boolean bleu(String file, TranslatorCard card) throws IOException {
        TranslationData data = text;
        if (data == null) {
            return false;
        }
        if (!data.fingerprint().equals(card.origin().dataSha256())) {
            found.notChecked("BLEU of %s: the text there is not the run's (SHA-256 %s, not %s)"
                    .formatted(
                            file, data.fingerprint(), Names.shown(card.origin().dataSha256())));
            return false;
        }
        TranslatorCard.Quality q = card.quality();
        try (OnnxTranslator onnx = OnnxTranslator.load(read(card), file)) {
            double now = TranslatorExportStep.bleu(
                            onnx, data, data.test().first(Math.max(1, q.testSentences())), progress)
                    .score();
            found.same(file, "BLEU of the test part", q.testBleu(), now);
        }
        return !found.isFaulty(file);
    }
}
