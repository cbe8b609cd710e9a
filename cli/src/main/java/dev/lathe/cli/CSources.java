package dev.lathe.cli;

import dev.lathe.base.Hashes;
import dev.lathe.graph.c.CExample;
import dev.lathe.graph.c.CFiles;
import dev.lathe.graph.c.CModel;
import dev.lathe.results.ModelCard;
import dev.lathe.space.TaskShape;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.Normalization;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The sources of an exported network: the network, its kernels, and the program around it. */
final class CSources {
    private CSources() {}

    /** Texts by file name: the same network and data give the same ones. */
    static Map<String, String> of(CModel model, DataSplit data) {
        Map<String, String> all = new TreeMap<>(model.files());
        all.putAll(CFiles.kernels());
        if (data.train().isTimeSeries()) {
            return all;
        }
        Normalization n = data.normalization();
        float[] mean = new float[n.channels()];
        float[] deviation = new float[n.channels()];
        for (int c = 0; c < mean.length; c++) {
            mean[c] = n.mean(c);
            deviation[c] = n.deviation(c);
        }
        CExample.source(model, mean, deviation, data.train().classNames())
                .ifPresent(text -> all.put(CExample.FILE, text));
        return all;
    }

    /** What a card says of them. */
    static List<ModelCard.ModelFile> files(Map<String, String> sources) {
        List<ModelCard.ModelFile> files = new ArrayList<>();
        sources.forEach((file, text) -> {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            files.add(new ModelCard.ModelFile(file, bytes.length, Hashes.sha256(bytes)));
        });
        return files;
    }

    /** How a network is compiled and run on this machine; empty where it takes no images. */
    static String howToRun(Path networks, String name, TaskShape shape) {
        Path folder = networks.resolve(name);
        if (!Files.exists(folder.resolve(CExample.FILE))) {
            return "";
        }
        return "to run %s here:%n  %s%n  ./lathe pixels IMAGE%s | ./classify%n"
                .formatted(
                        name,
                        CExample.compile(folder.toString(), name),
                        shape.height() == shape.width() ? " --image-size " + shape.height() : "");
    }
}
