package dev.lathe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.base.ProgressListener;
import dev.lathe.device.OnnxModel;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.Safetensors;
import dev.lathe.graph.WeightProvider;
import dev.lathe.results.Checksums;
import dev.lathe.results.ModelCard;
import dev.lathe.results.Provenance;
import dev.lathe.results.RunManifest;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import dev.lathe.supernet.SubnetScore;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.ImageDataset;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Checks an export folder from its files alone: checksums first; then, of every network whose files are as they were exported,
 * what its card says against what its architecture, its weights and the data give now.
 */
final class ExportVerification {
    private final Path folder;
    private final ProgressListener progress;
    private final ExportFindings found;
    private @Nullable Experiment experiment;
    private @Nullable DataSplit data;
    private String fingerprint = "";

    private ExportVerification(Path folder, ProgressListener progress) {
        this.folder = folder;
        this.progress = progress;
        this.found = new ExportFindings(folder);
    }

    /**
     * @param given an export folder, or a run directory
     * @param dataNow where the data is now; null for where the experiment says
     * @throws InvalidInputException if there is no export folder
     */
    static ExportFindings of(Path given, @Nullable String dataNow, ProgressListener progress) throws IOException {
        if (!Files.isDirectory(given)) {
            throw new InvalidInputException(
                    "%s is no folder; give the export folder of a run, or the run directory".formatted(given));
        }
        Path inside = given.resolve("export");
        boolean isRun = !isExport(given) && isExport(inside);
        return new ExportVerification(isRun ? inside : given, progress).run(dataNow);
    }

    private static boolean isExport(Path folder) {
        return Files.exists(folder.resolve(Checksums.FILE))
                || Files.exists(folder.resolve(ExportStep.FILE))
                || Files.exists(folder.resolve(TranslatorExportStep.FILE))
                || Files.exists(folder.resolve(CExportStep.FOLDER).resolve(ExportStep.FILE));
    }

    private ExportFindings run(@Nullable String dataNow) throws IOException {
        if (Files.exists(folder.resolve(Checksums.FILE), LinkOption.NOFOLLOW_LINKS) || !isExport(folder)) {
            Checksums.faults(folder).forEach(found::fault);
        } else {
            found.fault(Checksums.FILE, "is missing");
        }
        int files = Checksums.files(folder).size();
        if (found.faults().isEmpty()) {
            found.checked("%,d files: SHA-256 as in %s, no file too much".formatted(files - 1, Checksums.FILE));
        }
        if (Files.exists(folder.resolve(TranslatorExportStep.FILE), LinkOption.NOFOLLOW_LINKS)) {
            translators(dataNow);
            return found;
        }
        TreeSet<String> cards = new TreeSet<>();
        for (Path p : Checksums.files(folder)) {
            String name = folder.relativize(p).toString();
            if (name.endsWith(".json") && !name.contains("/") && !name.equals(ExportStep.FILE)) {
                cards.add(name);
            }
        }
        experiment = experiment();
        if (experiment != null) {
            data = reachable(dataNow == null ? experiment : experiment.withData(dataNow));
        }
        networks(cards);
        QuantizedContents quantized = new QuantizedContents(folder, found, progress, this::space, data, fingerprint);
        new CVerification(quantized).run();
        new Int8Verification(quantized).run();
        found.notChecked("latency: it can only be measured again, on the device (lathe export)");
        return found;
    }

    private void translators(@Nullable String dataNow) throws IOException {
        Experiment e = experiment();
        if (e == null) {
            return;
        }
        TranslationData text = null;
        try {
            if (Workbench.load(dataNow == null ? e : e.withData(dataNow), false) instanceof TranslationData t) {
                text = t;
            } else {
                found.notChecked("BLEU: the data is no text");
            }
        } catch (InvalidInputException notThere) {
            found.notChecked("BLEU, because the data cannot be read (%s); give its place with --data"
                    .formatted(notThere.getMessage()));
        }
        new TranslatorVerification(folder, found, e, text, progress).run();
    }

    private @Nullable Experiment experiment() throws IOException {
        if (!found.isFaulty(CardTexts.EXPERIMENT)) {
            try {
                return Experiment.read(folder.resolve(CardTexts.EXPERIMENT), List.of());
            } catch (InvalidInputException e) {
                found.fault(CardTexts.EXPERIMENT, "does not say what was run: " + e.getMessage());
            }
        }
        found.notChecked(
                "costs, weights and top-1, because %s is not as it was exported".formatted(CardTexts.EXPERIMENT));
        return null;
    }

    /** The data, or null with a line that says why it is not there. */
    private @Nullable DataSplit reachable(Experiment e) throws IOException {
        try {
            if (Workbench.load(e, false) instanceof DataSplit split) {
                fingerprint = split.fingerprint();
                return split;
            }
            found.notChecked("top-1: the data is text");
        } catch (InvalidInputException notThere) {
            found.notChecked("top-1, because the data cannot be read (%s); give its place with --data"
                    .formatted(notThere.getMessage()));
        }
        return null;
    }

    private void networks(TreeSet<String> cards) throws IOException {
        ExportStep.@Nullable Exported summary = summary();
        int costs = 0;
        int scores = 0;
        int done = 0;
        for (String file : cards) {
            String base = file.substring(0, file.length() - ".json".length());
            List<String> own = List.of(file, base + ".onnx", base + ".safetensors");
            if (own.stream().noneMatch(found::isFaulty)) {
                try {
                    ModelCard card = ModelCard.read(folder.resolve(file));
                    files(file, card, base);
                    summary(file, card, summary);
                    if (experiment != null) {
                        found.same(file, "its run", card.provenance().run(), RunManifest.hash(experiment.settings()));
                    }
                    if (experiment != null && own.stream().noneMatch(found::isFaulty)) {
                        costs += contents(file, card) ? 1 : 0;
                        scores += data != null && top1(file, card, data) ? 1 : 0;
                    }
                } catch (InvalidInputException e) {
                    found.fault(file, "or its network cannot be used: " + e.getMessage());
                }
            } else {
                found.notChecked("contents of %s, because one of its files is not as it was exported".formatted(base));
            }
            progress.report("verify", ++done, cards.size(), base);
        }
        if (costs > 0) {
            found.checked(
                    "%d networks: decisions, MACs, parameters and peak activation as their architecture gives; the ONNX file is its architecture with its weights, byte for byte"
                            .formatted(costs));
        }
        if (scores > 0 && data != null) {
            found.checked("%d networks: top-1 in ONNX Runtime %s on %,d validation and %,d test samples, as stored"
                    .formatted(
                            scores,
                            OnnxModel.runtimeVersion(),
                            data.validation().size(),
                            data.test().size()));
        }
    }

    private ExportStep.@Nullable Exported summary() throws IOException {
        Path file = folder.resolve(ExportStep.FILE);
        if (found.isFaulty(ExportStep.FILE) || !Files.isRegularFile(file)) {
            return null;
        }
        try {
            ExportStep.Exported read = Json.json().readValue(Files.readAllBytes(file), ExportStep.Exported.class);
            if (read == null) {
                found.fault(ExportStep.FILE, "is empty");
            }
            return read;
        } catch (JsonProcessingException e) {
            found.fault(ExportStep.FILE, "is no summary of a front: " + Names.shown(e.getOriginalMessage()));
            return null;
        }
    }

    /** The card must be of the files that bear its name: a card that was swapped is of others. */
    private void files(String file, ModelCard card, String base) throws IOException {
        found.same(file, "its ONNX file", card.file().name(), base + ".onnx");
        found.same(file, "the file of its weights", card.weights().name(), base + ".safetensors");
        if (!found.isFaulty(file)) {
            sameFile(file, card.file());
            sameFile(file, card.weights());
        }
    }

    private void sameFile(String card, ModelCard.ModelFile f) throws IOException {
        Path p = folder.resolve(f.name());
        if (!Files.isRegularFile(p, LinkOption.NOFOLLOW_LINKS)) {
            found.fault(f.name(), "is missing, but %s is there".formatted(card));
            return;
        }
        byte[] bytes = Files.readAllBytes(p);
        if (bytes.length != f.bytes() || !Hashes.sha256(bytes).equals(f.sha256())) {
            found.fault(f.name(), "is not the file that %s describes: its SHA-256 is another one".formatted(card));
        }
    }

    private void summary(String file, ModelCard card, ExportStep.@Nullable Exported summary) {
        if (summary == null) {
            return;
        }
        ExportStep.Member m = summary.members().stream()
                .filter(x -> x.onnx().equals(card.file().name()))
                .findFirst()
                .orElse(null);
        if (m == null) {
            found.fault(file, "is of a network that %s does not list".formatted(ExportStep.FILE));
            return;
        }
        found.same(file, "the architecture", card.architecture(), m.architecture());
        found.same(
                file, "top-1 on the test part", String.valueOf(card.accuracy().testTop1()), String.valueOf(m.top1()));
        found.same(
                file, "the median latency", String.valueOf(card.latency().medianMs()), String.valueOf(m.latencyMs()));
        found.same(file, "the verdict on the budgets", card.withinBudget(), m.withinBudget());
    }

    /** Whether architecture, costs, weights and ONNX file belong together. */
    private boolean contents(String file, ModelCard card) throws IOException {
        int before = found.faults().size();
        Architecture a = Architecture.parse(card.architecture());
        SearchSpace space = space(card.provenance());
        Graph graph = space.lower(a);
        CostModel.Cost cost = CostModel.of(graph);
        found.same(file, "the number of MACs", card.macs(), cost.macs());
        found.same(file, "the number of parameters", card.parameters(), cost.parameters());
        found.same(
                file,
                "the peak of its activations in bytes",
                card.memory().peakActivationBytes(),
                MemoryPlanner.peakBytes(graph, card.memory().bytesPerElement()));
        found.same(file, "the decisions", card.decisions(), ModelCard.decisions(space, a));
        String weightsName = card.weights().name();
        Safetensors stored = Safetensors.read(Files.readAllBytes(folder.resolve(weightsName)), weightsName);
        WeightProvider weights = stored.weightsOf(graph, weightsName);
        byte[] bytes = Files.readAllBytes(folder.resolve(card.file().name()));
        try (OnnxModel model = OnnxModel.load(bytes, card.file().name())) {
            Map<String, String> metadata = model.metadata();
            Map<String, String> expected = new LinkedHashMap<>();
            expected.put("architecture", card.architecture());
            expected.put("space", space.name());
            expected.put("run", card.provenance().run());
            expected.put("weightsSha256", card.weights().sha256());
            expected.put("opset", Integer.toString(OnnxWriter.OPSET));
            expected.forEach((key, value) ->
                    found.same(card.file().name(), "its " + key, metadata.getOrDefault(key, "not said"), value));
            if (!Arrays.equals(bytes, OnnxWriter.write(graph, weights, metadata))) {
                found.fault(
                        card.file().name(),
                        "is not what its architecture with the weights of %s gives".formatted(weightsName));
            }
        }
        return found.faults().size() == before;
    }

    private boolean top1(String file, ModelCard card, DataSplit split) throws IOException {
        if (!card.provenance().dataSha256().equals(fingerprint)) {
            found.notChecked("top-1 of %s: the data there is not the run's (SHA-256 %s, not %s)"
                    .formatted(
                            card.file().name(),
                            fingerprint,
                            Names.shown(card.provenance().dataSha256())));
            return false;
        }
        int before = found.faults().size();
        try (OnnxModel model = OnnxModel.load(
                Files.readAllBytes(folder.resolve(card.file().name())),
                card.file().name())) {
            score(file, "validation", card.accuracy().validationTop1(), model, split.validation(), split);
            score(file, "test", card.accuracy().testTop1(), model, split.test(), split);
        }
        return found.faults().size() == before;
    }

    private void score(
            String file, String part, @Nullable Double stored, OnnxModel model, ImageDataset images, DataSplit split) {
        if (stored != null) {
            SubnetScore now = SubnetScore.of(model::logits, images, split.normalization());
            found.same(file, "top-1 on the %s part".formatted(part), stored, now.top1());
        }
    }

    /** The search space for the input that a card speaks of. */
    private SearchSpace space(Provenance p) {
        if (experiment == null) {
            throw new InvalidInputException("the experiment is not known");
        }
        return SearchSpaces.create(
                experiment.space(),
                new TaskShape(
                        p.input().channels(),
                        p.input().height(),
                        p.input().width(),
                        p.input().classes()));
    }
}
