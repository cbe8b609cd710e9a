package dev.lathe.cli;

import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Safetensors;
import dev.lathe.graph.c.CModel;
import dev.lathe.results.FirmwareCard;
import dev.lathe.results.ModelCard;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.supernet.data.DataSplit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The part of a verification that is of C: with the weights of the ONNX export and the data, each network is quantized and written
 * once more, and every byte of its sources compared.
 */
final class CVerification {
    private static final String CARD = "card.json";

    private final QuantizedContents all;
    private final Path export;
    private final ExportFindings found;

    CVerification(QuantizedContents all) {
        this.all = all;
        this.export = all.export();
        this.found = all.found();
    }

    void run() throws IOException {
        Path folder = export.resolve(CExportStep.FOLDER);
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> networks;
        try (Stream<Path> inside = Files.list(folder)) {
            networks =
                    inside.filter(p -> Files.exists(p.resolve(CARD))).sorted().toList();
        }
        int written = all.same(
                "verify C",
                networks.stream()
                        .map(network -> {
                            String path = CExportStep.FOLDER + "/" + network.getFileName();
                            return new QuantizedContents.Network(
                                    path, path, path + "/" + CARD, found.isFaultyWithin(path + "/"));
                        })
                        .toList(),
                n -> contents(export.resolve(n.contents()), n.contents()));
        if (written > 0) {
            found.checked(
                    "%d networks in C: quantized and written again, every byte of the sources and top-1 in 8 bits as stored"
                            .formatted(written));
        }
        if (!networks.isEmpty()) {
            found.notChecked("runs of the C on host and emulator, and its top-1 in float32 (lathe export --format c)");
        }
    }

    /** Whether the network could be written again, and is the same. */
    private boolean contents(Path folder, String path) throws IOException {
        int before = found.faults().size();
        String file = path + "/" + CARD;
        FirmwareCard card = FirmwareCard.read(folder.resolve(CARD));
        Architecture a = Architecture.parse(card.architecture());
        SearchSpace s = all.space().apply(card.provenance());
        Graph graph = s.lower(a);
        found.same(file, "the number of MACs", card.macs(), CostModel.of(graph).macs());
        found.same(file, "the decisions", card.decisions(), ModelCard.decisions(s, a));
        for (ModelCard.ModelFile f : card.files()) {
            if (!Files.exists(folder.resolve(f.name()))) {
                found.fault(path + "/" + f.name(), "is missing, but its card is there");
            }
        }
        String name = String.valueOf(folder.getFileName());
        String weightsName = name.replace('_', '-') + ".safetensors";
        DataSplit data = all.data();
        if (data == null || !card.provenance().dataSha256().equals(all.fingerprint()) || !isOf(a, weightsName)) {
            found.notChecked(
                    "sources of %s: that takes the data and %s of the same network".formatted(path, weightsName));
            return false;
        }
        if (card.accuracy().calibrationImages() == 0) {
            found.notChecked(
                    "sources of %s: the scales of its integers were learnt in training, and stand in the run's supernet only"
                            .formatted(path));
            return false;
        }
        Safetensors weights = Safetensors.read(Files.readAllBytes(export.resolve(weightsName)), weightsName);
        CModel model = CExportStep.model(
                graph,
                weights.weightsOf(graph, weightsName),
                a,
                data,
                name,
                card.accuracy().percentile(),
                card.memory().ramLimitBytes());
        Map<String, String> sources = CSources.of(model, data);
        for (Map.Entry<String, String> e : sources.entrySet()) {
            Path p = folder.resolve(e.getKey());
            if (!Files.isRegularFile(p, LinkOption.NOFOLLOW_LINKS)) {
                found.fault(path + "/" + e.getKey(), "is missing");
            } else if (!Files.readString(p, StandardCharsets.UTF_8).equals(e.getValue())) {
                found.fault(path + "/" + e.getKey(), "is not what its architecture, weights and data give");
            }
        }
        found.same(file, "the list of sources", card.files(), CSources.files(sources));
        found.same(file, "the arena in bytes", card.memory().arenaBytes(), model.arenaBytes());
        found.same(file, "the constants in bytes", card.memory().constantBytes(), model.constantBytes());
        found.same(
                file,
                "top-1 in 8 bits on the test part",
                card.accuracy().int8Top1(),
                CExportStep.integerScore(model.network(), data.test(), data).top1());
        return found.faults().size() == before;
    }

    /** Whether the weights are there, are as they were exported, and say that they are of this architecture. */
    private boolean isOf(Architecture a, String weightsName) throws IOException {
        Path file = export.resolve(weightsName);
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && !found.isFaulty(weightsName)
                && a.toString()
                        .equals(Safetensors.read(Files.readAllBytes(file), weightsName)
                                .metadata()
                                .get("architecture"));
    }
}
