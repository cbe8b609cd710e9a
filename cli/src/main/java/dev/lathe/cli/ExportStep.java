package dev.lathe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lathe.base.AtomicFiles;
import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.device.LatencyMeasurement;
import dev.lathe.device.MeasurementTable;
import dev.lathe.device.MeasurementTask;
import dev.lathe.device.OnnxModel;
import dev.lathe.evolve.Evaluation;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.Safetensors;
import dev.lathe.results.Checksums;
import dev.lathe.results.FrontFile;
import dev.lathe.results.ModelCard;
import dev.lathe.results.ReportData;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.ExtractedWeights;
import dev.lathe.supernet.SubnetScore;
import dev.lathe.supernet.Supernet;
import dev.lathe.supernet.data.ImageDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes every member of the front as an ONNX file with its card, and checks it: the file's answers against the supernet's, its
 * top-1 in ONNX Runtime, its latency measured once more.
 */
final class ExportStep {
    /** Largest absolute difference of a logit between the exported file and the supernet. */
    static final double AGREEMENT = 1e-4;

    private static final int COMPARED_IMAGES = 32;
    private static final String MEASUREMENTS = "measurements.csv";
    private static final String MEMORY = "memory.csv";
    /** Name of the summary of all members in the export folder. */
    static final String FILE = "front.json";

    private ExportStep() {}

    /**
     * A member of the front as verified.
     *
     * @param architecture its text form
     * @param onnx file name in the export folder
     * @param predictedTop1 what the search believed, NaN where accuracy was no metric
     * @param validationTop1 of the exported file on the validation part
     * @param validationLoss its mean cross-entropy there, in nats: with validationTop1 what the choice is made by
     * @param top1 of the exported file on the test part, read for this report only
     * @param predictedLatencyMs what the search believed, NaN where latency was no metric
     * @param latencyMs measured on the device with the exported file
     * @param latencySpreadMs median absolute deviation of the rounds
     * @param peakActivationBytes planned, exact
     * @param macs exact
     * @param parameters exact
     * @param withinBudget whether all budgets are met, latency and memory as measured
     * @param largestDifference of a logit from the supernet's
     */
    record Member(
            String architecture,
            String onnx,
            double predictedTop1,
            double validationTop1,
            double validationLoss,
            double top1,
            double predictedLatencyMs,
            double latencyMs,
            double latencySpreadMs,
            long peakActivationBytes,
            long macs,
            long parameters,
            boolean withinBudget,
            double largestDifference) {
        Member {
            Objects.requireNonNull(architecture, "architecture");
            Objects.requireNonNull(onnx, "onnx");
        }

        /** The same, beyond a budget. */
        Member outside() {
            return new Member(
                    architecture,
                    onnx,
                    predictedTop1,
                    validationTop1,
                    validationLoss,
                    top1,
                    predictedLatencyMs,
                    latencyMs,
                    latencySpreadMs,
                    peakActivationBytes,
                    macs,
                    parameters,
                    false,
                    largestDifference);
        }

        /** The same for a page. */
        ReportData.Member forReport() {
            return new ReportData.Member(
                    architecture,
                    Double.isNaN(predictedTop1) ? validationTop1 : predictedTop1,
                    validationTop1,
                    top1,
                    Double.isNaN(predictedLatencyMs) ? latencyMs : predictedLatencyMs,
                    latencyMs,
                    latencySpreadMs,
                    peakActivationBytes,
                    macs,
                    parameters,
                    withinBudget,
                    "export/" + onnx);
        }
    }

    /** The verified members in the order of front.csv, and which of them is proposed (-1 if none is within the budget). */
    record Exported(List<Member> members, int chosen) {
        Exported {
            members = List.copyOf(members);
        }
    }

    static Exported run(Workbench w, SearchSummary search) throws IOException {
        FrontFile.Front front = FrontFile.read(w.run().front());
        Path folder = w.run().export();
        Files.createDirectories(folder);
        List<Written> written = new ArrayList<>();
        try (Supernet supernet = TrainStep.load(w)) {
            int i = 0;
            for (Evaluation e : front.members()) {
                written.add(write(w, supernet, e.architecture(), "net-%02d.onnx".formatted(++i)));
                w.progress().report("export", i, front.members().size(), "");
            }
        }
        List<MeasurementTask> tasks = new ArrayList<>();
        for (Written n : written) {
            String id = n.architecture.toString() + "@" + n.sha256.substring(0, 12);
            tasks.add(
                    TimedForms.isFile(w.device())
                            ? TimedForms.ofFile(id, n.bytes, w.space())
                            : TimedForms.ofRandomWeights(w.device(), w.space(), n.architecture, id, tasks.size()));
        }
        List<LatencyMeasurement> measured;
        try (MeasurementTable table = MeasurementTable.open(folder.resolve(MEASUREMENTS), w.device())) {
            measured = table.measureMissing(Meters.of(w.device(), w.experiment().seed()), tasks, w.progress());
        }
        List<Path> files = new ArrayList<>();
        double[] memory = memory(w, front, tasks);
        if (memory != null) {
            files.add(folder.resolve(MEMORY));
        }
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < written.size(); i++) {
            Member m = member(w, search, front.metrics(), front.members().get(i), written.get(i), measured.get(i));
            if (memory != null && !meets(search, MemoryStep.METRIC, memory[i])) {
                m = m.outside();
            }
            members.add(m);
            Path card = folder.resolve(m.onnx().replace(".onnx", ".json"));
            card(w, search, m, written.get(i), measured.get(i)).write(card);
            files.addAll(List.of(
                    folder.resolve(m.onnx()),
                    folder.resolve(written.get(i).weights.name()),
                    card));
        }
        Exported exported =
                new Exported(members, choose(members, w.data().validation().size()));
        AtomicFiles.writeString(folder.resolve(FILE), Json.json().writeValueAsString(exported) + "\n");
        AtomicFiles.writeString(
                folder.resolve(CardTexts.EXPERIMENT), w.experiment().yaml());
        files.addAll(List.of(folder.resolve(FILE), folder.resolve(CardTexts.EXPERIMENT), folder.resolve(MEASUREMENTS)));
        // The other forms stand in folders of their own.
        Checksums.update(folder, path -> !path.contains("/"), files);
        return exported;
    }

    /** @throws InvalidInputException if nothing was exported yet */
    static Exported read(Workbench w) throws IOException {
        Path file = w.run().export().resolve(FILE);
        if (!Files.exists(file)) {
            throw new InvalidInputException("%s is not there: nothing was exported yet; run lathe export --out %s first"
                    .formatted(file, w.folder()));
        }
        return readSummary(file, w.folder());
    }

    /** @throws InvalidInputException if the file is damaged */
    static Exported readSummary(Path file, Path run) throws IOException {
        try {
            Exported read = Json.json().readValue(Files.readAllBytes(file), Exported.class);
            if (read != null) {
                return read;
            }
        } catch (JsonProcessingException e) {
            throw new InvalidInputException("%s is damaged; run lathe export --out %s again".formatted(file, run), e);
        }
        throw new InvalidInputException("%s is empty; run lathe export --out %s again".formatted(file, run));
    }

    private record Written(
            Architecture architecture,
            String file,
            byte[] bytes,
            String sha256,
            ModelCard.ModelFile weights,
            SubnetScore validation,
            SubnetScore test,
            double difference) {}

    private static Written write(Workbench w, Supernet supernet, Architecture a, String file) throws IOException {
        Graph graph = w.space().lower(a);
        ExtractedWeights weights = supernet.extract(a);
        Map<String, String> metadata = ExportMetadata.origin(w, a);
        String weightsName = file.replace(".onnx", ".safetensors");
        byte[] tensors = Safetensors.write(graph, weights, metadata);
        AtomicFiles.write(w.run().export().resolve(weightsName), tensors);
        metadata.put("weightsSha256", Hashes.sha256(tensors));
        metadata.put("opset", Integer.toString(OnnxWriter.OPSET));
        ExportMetadata.addTask(metadata, w);
        byte[] bytes = OnnxWriter.write(graph, weights, metadata);
        AtomicFiles.write(w.run().export().resolve(file), bytes);
        try (OnnxModel model = OnnxModel.load(bytes, file)) {
            double difference = difference(w, supernet, a, model);
            if (!(difference < AGREEMENT)) {
                throw new IllegalStateException("The exported %s differs from the supernet by %s in a logit of %s"
                        .formatted(file, difference, a));
            }
            return new Written(
                    a,
                    file,
                    bytes,
                    Hashes.sha256(bytes),
                    new ModelCard.ModelFile(weightsName, tensors.length, Hashes.sha256(tensors)),
                    score(w, model, w.data().validation()),
                    score(w, model, w.data().test()),
                    difference);
        }
    }

    private static double difference(Workbench w, Supernet supernet, Architecture a, OnnxModel model) {
        int n = Math.min(COMPARED_IMAGES, w.data().validation().size());
        float[] input = w.data().normalization().standardized(w.data().validation(), 0, n);
        return largestDifference(supernet.logits(a, input, n), model.logits(input, n));
    }

    static double largestDifference(float[] a, float[] b) {
        double most = a.length == b.length ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            double d = Math.abs((double) a[i] - b[i]);
            most = Double.isNaN(d) ? Double.POSITIVE_INFINITY : Math.max(most, d);
        }
        return most;
    }

    private static SubnetScore score(Workbench w, OnnxModel model, ImageDataset images) {
        return SubnetScore.of(model::logits, images, w.data().normalization());
    }

    private static Member member(
            Workbench w,
            SearchSummary search,
            List<String> metrics,
            Evaluation e,
            Written n,
            LatencyMeasurement measured) {
        Graph g = w.space().lower(n.architecture);
        CostModel.Cost cost = CostModel.of(g);
        long peak = MemoryPlanner.peakBytes(g, Float.BYTES);
        boolean within = meets(search, "latencyMs", measured.medianMs())
                && meets(search, "peakActivationBytes", peak)
                && meets(search, "macs", cost.macs())
                && meets(search, "parameters", cost.parameters());
        for (String metric : List.of("peakSramBytes", "flashBytes")) {
            if (search.budgets().containsKey(metric)) {
                within &= meets(search, metric, ProfileStep.cost(w, n.architecture, metric));
            }
        }
        return new Member(
                n.architecture.toString(),
                n.file,
                predicted(metrics, e, "top1"),
                n.validation.top1(),
                n.validation.crossEntropy(),
                n.test.top1(),
                predicted(metrics, e, "latencyMs"),
                measured.medianMs(),
                measured.spreadMs(),
                peak,
                cost.macs(),
                cost.parameters(),
                within,
                n.difference);
    }

    /** Memory of the members as measured with their files, where the search went by predictions of it. */
    private static double @Nullable [] memory(Workbench w, FrontFile.Front front, List<MeasurementTask> tasks)
            throws IOException {
        if (!front.metrics().contains(MemoryStep.METRIC) || tasks.isEmpty()) {
            return null;
        }
        double[] predicted = front.members().stream()
                .mapToDouble(e -> predicted(front.metrics(), e, MemoryStep.METRIC))
                .toArray();
        return MemoryStep.exported(w, tasks, predicted, w.run().export().resolve(MEMORY));
    }

    private static boolean meets(SearchSummary search, String metric, double value) {
        Double limit = search.budgets().get(metric);
        return limit == null || value <= limit;
    }

    private static double predicted(List<String> metrics, Evaluation e, String metric) {
        int at = metrics.indexOf(metric);
        return at < 0 ? Double.NaN : e.value(at);
    }

    /**
     * The proposal, from validation alone: of the networks within all budgets whose top-1 is at most one standard error below the
     * best, the one with the lowest cross-entropy. On a few hundred images top-1 alone ranks by luck.
     */
    static int choose(List<Member> members, int validationImages) {
        double best = members.stream()
                .filter(Member::withinBudget)
                .mapToDouble(Member::validationTop1)
                .max()
                .orElse(0);
        double standardError = SubnetScore.standardError(best, validationImages);
        return java.util.stream.IntStream.range(0, members.size())
                .filter(i -> members.get(i).withinBudget())
                .filter(i -> members.get(i).validationTop1() >= best - standardError)
                .boxed()
                .min(Comparator.comparingDouble(i -> members.get(i).validationLoss()))
                .orElse(-1);
    }

    private static ModelCard card(Workbench w, SearchSummary search, Member m, Written n, LatencyMeasurement measured) {
        ImageDataset test = w.data().test();
        return new ModelCard(
                CardTexts.about(w, "exported as ONNX"),
                m.architecture(),
                ModelCard.decisions(w.space(), n.architecture),
                new ModelCard.Accuracy(
                        m.validationTop1(),
                        m.top1(),
                        n.validation.standardError(),
                        n.test.standardError(),
                        "weights inherited from the supernet, no retraining; top-1 of the exported ONNX file in ONNX Runtime %s, %d validation and %d test images"
                                .formatted(
                                        OnnxModel.runtimeVersion(),
                                        w.data().validation().size(),
                                        test.size()),
                        test.name(),
                        CardTexts.attribution(test)),
                new ModelCard.Latency(
                        measured.medianMs(),
                        measured.spreadMs(),
                        Double.isNaN(m.predictedLatencyMs()) ? null : m.predictedLatencyMs(),
                        w.device().id() + " (" + w.device().description() + ")",
                        w.device().protocol().description()),
                new ModelCard.Memory(
                        m.peakActivationBytes(),
                        Float.BYTES,
                        "lifetimes packed by first fit, in-place element-wise operators; activations only"),
                m.macs(),
                m.parameters(),
                new ModelCard.ModelFile(n.file, n.bytes.length, n.sha256),
                n.weights,
                CardTexts.onnxOrigins(TimedForms.text(w.device())),
                CardTexts.provenance(w),
                search.budgets(),
                m.withinBudget(),
                Versions.all(w));
    }
}
