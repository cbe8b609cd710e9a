package dev.lathe.cli;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.Hashes;
import dev.lathe.base.Json;
import dev.lathe.device.OnnxModel;
import dev.lathe.evolve.Evaluation;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.quant.QdqNetwork;
import dev.lathe.results.Checksums;
import dev.lathe.results.FirmwareCard;
import dev.lathe.results.FrontFile;
import dev.lathe.results.ModelCard;
import dev.lathe.results.QuantizedCard;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.SubnetScore;
import dev.lathe.supernet.Supernet;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.ImageDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes every member of the front as an 8-bit ONNX file with its card: ranges from the training part, top-1 of the float32 and
 * the 8-bit file in ONNX Runtime on the test part, and the 8-bit logits compared with the evaluation with rounded values.
 */
final class Int8ExportStep {
    private static final int COMPARED_IMAGES = 64;
    /** Folder in the export folder. */
    static final String FOLDER = "int8";

    private Int8ExportStep() {}

    /** What came of one network. */
    record Quantized(byte[] float32, byte[] int8, double top1, double int8Top1, double difference, double sameAnswers) {
        double drop() {
            return top1 - int8Top1;
        }

        @Override
        public boolean equals(Object o) {
            return this == o;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    static List<QuantizedCard> run(Workbench w, double percentile) throws IOException {
        FrontFile.Front front = FrontFile.read(w.run().front());
        Path folder = w.run().export().resolve(FOLDER);
        Files.createDirectories(folder);
        List<QuantizedCard> cards = new ArrayList<>();
        try (Supernet supernet = TrainStep.load(w)) {
            int i = 0;
            for (Evaluation e : front.members()) {
                String name = "net-%02d-int8".formatted(++i);
                Architecture a = e.architecture();
                Graph graph = w.space().lower(a);
                Map<String, String> metadata = ExportMetadata.origin(w, a);
                metadata.put("precision", "int8");
                ExportMetadata.addTask(metadata, w);
                Quantized q = quantize(graph, supernet.extract(a), w.data(), percentile, metadata);
                AtomicFiles.write(folder.resolve(name + ".onnx"), q.int8());
                QuantizedCard card = card(w, a, graph, name + ".onnx", q, percentile);
                card.write(folder.resolve(name + ".json"));
                cards.add(card);
                w.progress().report("export", i, front.members().size(), name);
            }
        }
        return cards;
    }

    /** Quantizes a network, and runs both forms on the test part. */
    static Quantized quantize(
            Graph graph, WeightProvider weights, DataSplit data, double percentile, Map<String, String> metadata) {
        List<float[]> images = CExportStep.samples(data, data.train(), CExportStep.CALIBRATION_IMAGES);
        QdqNetwork network = QdqNetwork.of(graph, weights, images, percentile);
        byte[] float32 = OnnxWriter.write(graph, weights, metadata);
        byte[] int8 = network.onnx(metadata);
        try (OnnxModel before = OnnxModel.load(float32, graph.name());
                OnnxModel after = OnnxModel.load(int8, graph.name() + " in 8 bits")) {
            double difference = 0;
            int same = 0;
            List<float[]> compared = CExportStep.samples(data, data.test(), COMPARED_IMAGES);
            for (float[] x : compared) {
                float[] runtime = after.logits(x, 1);
                float[] rounded = network.run(x);
                double largest = 0;
                for (float v : rounded) {
                    largest = Math.max(largest, Math.abs(v));
                }
                difference = Math.max(difference, ExportStep.largestDifference(runtime, rounded) / largest);
                same += best(runtime) == best(rounded) ? 1 : 0;
            }
            return new Quantized(
                    float32,
                    int8,
                    SubnetScore.of(before::logits, data.test(), data.normalization())
                            .top1(),
                    SubnetScore.of(after::logits, data.test(), data.normalization())
                            .top1(),
                    difference,
                    same / (double) compared.size());
        }
    }

    private static int best(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    private static QuantizedCard card(
            Workbench w, Architecture a, Graph graph, String file, Quantized q, double percentile) {
        ImageDataset test = w.data().test();
        int images = Math.min(CExportStep.CALIBRATION_IMAGES, w.data().train().size());
        return new QuantizedCard(
                a.toString(),
                ModelCard.decisions(w.space(), a),
                new FirmwareCard.Accuracy(
                        q.top1(), q.int8Top1(), test.size(), images, percentile, test.name(), test.attribution()),
                q.drop(),
                q.difference(),
                q.sameAnswers(),
                "static, after training: weights with a scale per output, unsigned activations with one per tensor from %d images"
                        .formatted(images),
                CostModel.of(graph).macs(),
                new ModelCard.ModelFile(file, q.int8().length, Hashes.sha256(q.int8())),
                q.float32().length,
                Versions.all(w));
    }

    /** Writes the summary of all members, and returns what to print. */
    static String summary(Workbench w, List<QuantizedCard> cards, boolean json) throws IOException {
        Path folder = w.run().export().resolve(FOLDER);
        String text = Json.json().writeValueAsString(Map.of("members", cards)) + "\n";
        AtomicFiles.writeString(folder.resolve(ExportStep.FILE), text);
        List<Path> files = new ArrayList<>(List.of(folder.resolve(ExportStep.FILE)));
        for (QuantizedCard c : cards) {
            files.add(folder.resolve(c.file().name()));
            files.add(folder.resolve(c.file().name().replace(".onnx", ".json")));
        }
        Checksums.update(w.run().export(), path -> path.startsWith(FOLDER + "/"), files);
        if (json) {
            return text;
        }
        Table t =
                new Table("network", "top1 float32", "top1 int8", "drop", "bytes float32", "bytes int8", "difference");
        double most = Double.NEGATIVE_INFINITY;
        for (QuantizedCard c : cards) {
            t.row(
                    c.file().name(),
                    Quantities.show("top1", c.accuracy().float32Top1()),
                    Quantities.show("top1", c.accuracy().int8Top1()),
                    "%.2f points".formatted(100 * c.top1Drop()),
                    "%,d".formatted(c.float32Bytes()),
                    "%,d".formatted(c.file().bytes()),
                    "%.1e".formatted(c.largestDifference()));
            most = Math.max(most, c.top1Drop());
        }
        return "%slargest drop of top-1: %.2f points; 8-bit ONNX in %s%n".formatted(t, 100 * most, folder);
    }
}
