package dev.lathe.cli;

import dev.lathe.device.OnnxModel;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.graph.Safetensors;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.quant.QdqNetwork;
import dev.lathe.results.ModelCard;
import dev.lathe.results.QuantizedCard;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.supernet.SubnetScore;
import dev.lathe.supernet.data.DataSplit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The part of a verification that is of 8-bit ONNX files: with the weights of the export in float32 and the data, each network is
 * quantized once more, and its file compared byte for byte.
 */
final class Int8Verification {
    private static final String CARD = ".json";
    private static final String ENDING = "-int8";

    private final QuantizedContents all;
    private final Path export;
    private final ExportFindings found;

    Int8Verification(QuantizedContents all) {
        this.all = all;
        this.export = all.export();
        this.found = all.found();
    }

    void run() throws IOException {
        Path folder = export.resolve(Int8ExportStep.FOLDER);
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<String> networks;
        try (Stream<Path> inside = Files.list(folder)) {
            networks = inside.map(p -> String.valueOf(p.getFileName()))
                    .filter(n -> n.endsWith(ENDING + CARD))
                    .map(n -> n.substring(0, n.length() - CARD.length()))
                    .sorted()
                    .toList();
        }
        int written = all.same(
                "verify 8 bits",
                networks.stream()
                        .map(name -> {
                            String card = Int8ExportStep.FOLDER + "/" + name + CARD;
                            String onnx = Int8ExportStep.FOLDER + "/" + name + ".onnx";
                            return new QuantizedContents.Network(
                                    name, onnx, card, found.isFaulty(card) || found.isFaulty(onnx));
                        })
                        .toList(),
                n -> contents(n.name(), n.card(), n.contents()));
        if (written > 0) {
            found.checked(
                    "%d networks in 8-bit ONNX: quantized and written again, byte for byte, and top-1 in ONNX Runtime as stored"
                            .formatted(written));
        }
    }

    /** Whether the network could be quantized again, and is the same. */
    private boolean contents(String name, String cardFile, String onnxFile) throws IOException {
        int before = found.faults().size();
        QuantizedCard card = QuantizedCard.read(export.resolve(cardFile));
        found.same(cardFile, "its ONNX file", card.file().name(), name + ".onnx");
        String base = name.substring(0, name.length() - ENDING.length());
        String whole = base + ".json";
        if (!isThere(whole) || !isThere(base + ".safetensors")) {
            found.notChecked("contents of %s: that takes %s and %s.safetensors".formatted(onnxFile, whole, base));
            return false;
        }
        ModelCard float32 = ModelCard.read(export.resolve(whole));
        found.same(cardFile, "the architecture", card.architecture(), float32.architecture());
        DataSplit data = all.data();
        if (data == null || !float32.provenance().dataSha256().equals(all.fingerprint())) {
            found.notChecked("contents of %s: that takes the run's data".formatted(onnxFile));
            return false;
        }
        Architecture a = Architecture.parse(card.architecture());
        SearchSpace s = all.space().apply(float32.provenance());
        Graph graph = s.lower(a);
        found.same(
                cardFile, "the number of MACs", card.macs(), CostModel.of(graph).macs());
        found.same(cardFile, "the decisions", card.decisions(), ModelCard.decisions(s, a));
        if (found.faults().size() > before) {
            return false;
        }
        String weightsName = base + ".safetensors";
        WeightProvider weights = Safetensors.read(Files.readAllBytes(export.resolve(weightsName)), weightsName)
                .weightsOf(graph, weightsName);
        byte[] bytes = Files.readAllBytes(export.resolve(onnxFile));
        try (OnnxModel model = OnnxModel.load(bytes, onnxFile)) {
            compare(card, cardFile, onnxFile, graph, weights, bytes, model, data);
        }
        return found.faults().size() == before;
    }

    private void compare(
            QuantizedCard card,
            String cardFile,
            String onnxFile,
            Graph graph,
            WeightProvider weights,
            byte[] bytes,
            OnnxModel model,
            DataSplit split) {
        Map<String, String> metadata = model.metadata();
        found.same(
                onnxFile, "its architecture", metadata.getOrDefault("architecture", "not said"), card.architecture());
        List<float[]> images = CExportStep.samples(split, split.train(), CExportStep.CALIBRATION_IMAGES);
        QdqNetwork again = QdqNetwork.of(graph, weights, images, card.accuracy().percentile());
        if (!Arrays.equals(bytes, again.onnx(metadata))) {
            found.fault(onnxFile, "is not what its architecture, weights and data give in 8 bits");
        }
        found.same(cardFile, "the size of the file in float32", card.float32Bytes(), (long)
                OnnxWriter.write(graph, weights, metadata).length);
        found.same(
                cardFile,
                "top-1 in 8 bits on the test part",
                card.accuracy().int8Top1(),
                SubnetScore.of(model::logits, split.test(), split.normalization())
                        .top1());
    }

    private boolean isThere(String file) {
        return Files.isRegularFile(export.resolve(file), LinkOption.NOFOLLOW_LINKS) && !found.isFaulty(file);
    }
}
