package dev.lathe.cli;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.device.mcu.Firmware;
import dev.lathe.device.mcu.FirmwareCheck;
import dev.lathe.device.mcu.Microcontroller;
import dev.lathe.evolve.Evaluation;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.c.CExample;
import dev.lathe.graph.c.CFootprint;
import dev.lathe.graph.c.CModel;
import dev.lathe.graph.c.CWriter;
import dev.lathe.graph.quant.Calibration;
import dev.lathe.graph.quant.IntegerExecutor;
import dev.lathe.graph.quant.QuantizedGraph;
import dev.lathe.graph.quant.Quantizer;
import dev.lathe.results.Checksums;
import dev.lathe.results.FirmwareCard;
import dev.lathe.results.FrontFile;
import dev.lathe.results.ModelCard;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.BitWidth;
import dev.lathe.supernet.QuantizedSupernet;
import dev.lathe.supernet.SubnetScore;
import dev.lathe.supernet.Supernet;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.ImageDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes every member of the front as 8-bit C for a microcontroller, with its card: ranges from the training part, top-1 on the
 * test part, and as many comparisons with the integer reference as compilers and emulator allow here.
 */
final class CExportStep {
    static final int CALIBRATION_IMAGES = 128;
    /** Percentile of activations that ranges hold, where nothing else is asked for. */
    static final double ALL = 100;

    private static final int COMPARED_IMAGES = 8;
    /** Above this the emulated counter may wrap within a run. */
    private static final long MOST_COUNTED_MACS = 150_000_000;

    /** Folder in the export folder. */
    static final String FOLDER = "c";

    private CExportStep() {}

    /**
     * A member of the front.
     *
     * @param name of its folder
     * @param card of the exported network; null where it was refused
     * @param refusal why it was; null where it was not
     */
    record Member(
            String name,
            @Nullable FirmwareCard card,
            @Nullable String refusal) {}

    /**
     * Exports for the device that the run is for, within the budgets of its search: what needs more is refused.
     *
     * @return what to print
     */
    static String run(Workbench w, double percentile, boolean json) throws IOException {
        Microcontroller device = device(w);
        return summary(w, run(w, device, budgets(w, device), percentile), device, json);
    }

    /** What came of each network, its ranges those of all activations. */
    static List<Member> members(Workbench w) throws IOException {
        return run(w, device(w), budgets(w, device(w)), ALL);
    }

    private static Microcontroller device(Workbench w) {
        return w.device().microcontroller().orElse(Microcontroller.STM32F746);
    }

    /** The same for a device of the user's choice, whose memory is the only budget. */
    static String run(Workbench w, Microcontroller device, double percentile, boolean json) throws IOException {
        return summary(w, run(w, device, device, percentile), device, json);
    }

    /** The device with no more memory than the search allowed. */
    private static Microcontroller budgets(Workbench w, Microcontroller device) throws IOException {
        if (!Files.exists(w.searchSummary())) {
            return device;
        }
        Map<String, Double> limits = SearchSummary.read(w.searchSummary()).budgets();
        return device.named("the budgets for " + device.id())
                .withBudgets(
                        least(limits.get("peakSramBytes"), device.sramBytes()),
                        least(limits.get("flashBytes"), device.flashBytes()));
    }

    private static long least(@Nullable Double limit, long has) {
        return limit == null ? has : (long) Math.min(limit, has);
    }

    /**
     * @param device whose RAM decides about schedules
     * @param budgets the same device with the memory that a network may take
     */
    private static List<Member> run(Workbench w, Microcontroller device, Microcontroller budgets, double percentile)
            throws IOException {
        FrontFile.Front front = FrontFile.read(w.run().front());
        List<Member> members = new ArrayList<>();
        requireIntegers(w);
        try (QuantizedSupernet learnt = TrainStep.loadQuantized(w);
                Supernet supernet = learnt == null ? TrainStep.load(w) : learnt.float32()) {
            int i = 0;
            for (Evaluation e : front.members()) {
                String name = "net_%02d".formatted(++i);
                try {
                    members.add(new Member(
                            name,
                            export(w, supernet, learnt, e.architecture(), name, device, budgets, percentile),
                            null));
                } catch (InvalidInputException refused) {
                    members.add(new Member(name, null, refused.getMessage()));
                }
                w.progress().report("export", i, front.members().size(), name);
            }
        }
        if (members.stream().allMatch(m -> m.card() == null)) {
            throw new InvalidInputException("No network of the front could be exported for %s: %s"
                    .formatted(device.id(), members.get(0).refusal()));
        }
        return members;
    }

    private static void requireIntegers(Workbench w) {
        BitWidth width = w.experiment().training().quantization();
        if (width != null && width != BitWidth.INT8) {
            throw new InvalidInputException("training.quantization is %s, which has no form in C; export a run of %s"
                    .formatted(width.text(), BitWidth.INT8.text()));
        }
    }

    private static FirmwareCard export(
            Workbench w,
            Supernet supernet,
            @Nullable QuantizedSupernet learnt,
            Architecture a,
            String name,
            Microcontroller device,
            Microcontroller budgets,
            double percentile)
            throws IOException {
        Graph graph = w.space().lower(a);
        CModel model = learnt == null
                ? model(graph, supernet.extract(a), a, w.data(), name, percentile, device.sramBytes())
                : written(learnt.integers(a), a, w.data(), name, device.sramBytes());
        QuantizedGraph network = model.network();
        budgets.requireFits(name, model.footprint().ramBytes(), model.constantBytes());
        Path folder = w.run().export().resolve(FOLDER).resolve(name);
        Files.createDirectories(folder);
        ImageDataset test = w.data().test();
        FirmwareCheck check =
                new FirmwareCheck(folder, List.of(model), List.of(samples(w.data(), test, COMPARED_IMAGES)));
        Map<String, String> sources = CSources.of(model, w.data());
        String example = sources.get(CExample.FILE);
        if (example != null) {
            AtomicFiles.writeString(folder.resolve(CExample.FILE), example);
        }
        List<String> checks = new ArrayList<>();
        require(check.onHost(), "the host", checks);
        Firmware.Linked linked = check.link(budgets);
        FirmwareCheck.Result emulated = check.emulated(device);
        require(emulated, "an emulated " + device.core(), checks);
        Firmware.missing().ifPresent(checks::add);
        long macs = CostModel.of(graph).macs();
        FirmwareCard card = new FirmwareCard(
                CardTexts.about(w, "written as 8-bit C for " + device.id()),
                a.toString(),
                ModelCard.decisions(w.space(), a),
                new FirmwareCard.Accuracy(
                        SubnetScore.of(
                                        (x, n) -> supernet.logits(a, x, n),
                                        test,
                                        w.data().normalization())
                                .top1(),
                        integerScore(network, test, w.data()).top1(),
                        test.size(),
                        learnt == null
                                ? Math.min(CALIBRATION_IMAGES, w.data().train().size())
                                : 0,
                        percentile,
                        test.name(),
                        CardTexts.attribution(test)),
                device.id(),
                new FirmwareCard.Memory(
                        model.arenaBytes(),
                        model.constantBytes(),
                        linked == null ? null : linked.ramBytes(),
                        linked == null ? null : linked.flashBytes(),
                        device.sramBytes(),
                        device.flashBytes()),
                macs,
                checks,
                emulated == null || macs > MOST_COUNTED_MACS
                        ? null
                        : emulated.report().of(name).instructions(),
                CSources.files(sources),
                CardTexts.C_ORIGINS,
                CardTexts.provenance(w),
                Versions.all(w));
        card.write(folder.resolve("card.json"));
        return card;
    }

    /**
     * The network in C: the same arguments give the same text.
     *
     * @param ramBytes of the device, by which the schedule is chosen
     */
    static CModel model(
            Graph graph,
            WeightProvider weights,
            Architecture a,
            DataSplit data,
            String name,
            double percentile,
            long ramBytes) {
        return written(quantized(graph, weights, data, percentile), a, data, name, ramBytes);
    }

    private static CModel written(QuantizedGraph network, Architecture a, DataSplit data, String name, long ramBytes) {
        Map<String, String> notes = new LinkedHashMap<>();
        notes.put("architecture", a.toString());
        notes.put("data", data.train().name());
        notes.put("x", "standardized pixels: (pixel in 0..1 minus mean, by deviation); " + data.normalization());
        notes.put(
                "classes", data.train().classNames().stream().map(Names::shown).collect(Collectors.joining(",")));
        return CWriter.write(network, name, notes, CFootprint.arenaLimit(network.graph(), ramBytes));
    }

    /** A wrong bit is a fault of Lathe, and stops the export. */
    private static void require(FirmwareCheck.@Nullable Result r, String where, List<String> checks) {
        if (r == null) {
            return;
        }
        if (r.agreeing() != 1 || r.packed() != 1) {
            throw new IllegalStateException(
                    "The exported C differs from the integer reference, or from the plan of its memory, on " + where);
        }
        checks.add(
                "%d samples on %s: every bit of the logits is the reference's, and the arena is used to its last byte"
                        .formatted(COMPARED_IMAGES, where));
    }

    /** In 8-bit integers, with ranges from evenly spaced images of the training part. */
    static QuantizedGraph quantized(Graph graph, WeightProvider weights, DataSplit data, double percentile) {
        List<float[]> images = samples(data, data.train(), CALIBRATION_IMAGES);
        return Quantizer.quantize(graph, weights, Calibration.of(graph, weights, images, percentile));
    }

    /** Standardized images, evenly spaced over a part. */
    static List<float[]> samples(DataSplit data, ImageDataset part, int count) {
        List<float[]> images = new ArrayList<>();
        int n = Math.min(count, part.size());
        for (int i = 0; i < n; i++) {
            int at = (int) ((long) i * part.size() / n);
            images.add(data.normalization().standardized(part, at, at + 1));
        }
        return images;
    }

    /** Of the integer reference on all images of a part. */
    static SubnetScore integerScore(QuantizedGraph network, ImageDataset part, DataSplit data) {
        IntegerExecutor executor = new IntegerExecutor(network);
        int length = part.imageLength();
        int classes = part.shape().classes();
        float scale = (float) network.logits().scale();
        return SubnetScore.of(
                (x, n) -> {
                    float[] logits = new float[n * classes];
                    for (int i = 0; i < n; i++) {
                        int[] q = executor.run(java.util.Arrays.copyOfRange(x, i * length, (i + 1) * length));
                        for (int c = 0; c < classes; c++) {
                            logits[i * classes + c] = q[c] * scale;
                        }
                    }
                    return logits;
                },
                part,
                data.normalization());
    }

    /** Of all that lies in the folders of the members, programs included, and of the summary. */
    private static void checksums(Path export, Path folder, List<Member> members) throws IOException {
        List<Path> files = new ArrayList<>(List.of(folder.resolve(ExportStep.FILE)));
        for (Member m : members) {
            if (m.card() != null) {
                files.addAll(Checksums.files(folder.resolve(m.name())));
            }
        }
        Checksums.update(export, path -> path.startsWith(FOLDER + "/"), files);
    }

    /** Writes the summary of all members, and returns what to print. */
    static String summary(Workbench w, List<Member> members, Microcontroller device, boolean json) throws IOException {
        String text =
                dev.lathe.base.Json.json().writeValueAsString(Map.of("device", device.id(), "members", members)) + "\n";
        Path folder = w.run().export().resolve(FOLDER);
        Files.createDirectories(folder);
        AtomicFiles.writeString(folder.resolve(ExportStep.FILE), text);
        checksums(w.run().export(), folder, members);
        if (json) {
            return text;
        }
        Table t = new Table(
                "network", "top1 float32", "top1 int8", "arena B", "RAM B", "flash B", "instructions", "checks");
        StringBuilder notes = new StringBuilder();
        String chosen = chosen(w, members);
        for (Member m : members) {
            String shown = (m.name().equals(chosen) ? "* " : "  ") + m.name();
            FirmwareCard c = m.card();
            if (c == null) {
                t.row(shown, "", "", "", "", "", "", "refused");
                notes.append("%s: %s%n".formatted(m.name(), m.refusal()));
                continue;
            }
            Long instructions = c.instructions();
            t.row(
                    shown,
                    Quantities.show("top1", c.accuracy().float32Top1()),
                    Quantities.show("top1", c.accuracy().int8Top1()),
                    "%,d".formatted(c.memory().arenaBytes()),
                    linked(c.memory().ramBytes()),
                    linked(c.memory().flashBytes()),
                    instructions == null ? "" : "%,d".formatted(instructions),
                    "%d"
                            .formatted(c.checks().stream()
                                    .filter(s -> s.contains("every bit"))
                                    .count()));
        }
        Firmware.missing().ifPresent(s -> notes.append(s).append('\n'));
        return "%s%sC for %s in %s; RAM and flash as linked%n%s"
                .formatted(
                        t,
                        notes,
                        device.id(),
                        folder,
                        chosen == null
                                ? ""
                                : CSources.howToRun(folder, chosen, w.data().shape()));
    }

    /** The network that the run proposes, or, where it has no form for the device, the first that has; null where none is. */
    private static @Nullable String chosen(Workbench w, List<Member> members) throws IOException {
        int proposed = Files.exists(w.run().export().resolve(ExportStep.FILE))
                ? ExportStep.read(w).chosen()
                : -1;
        if (proposed >= 0 && proposed < members.size() && members.get(proposed).card() != null) {
            return members.get(proposed).name();
        }
        return members.stream()
                .filter(m -> m.card() != null)
                .map(Member::name)
                .findFirst()
                .orElse(null);
    }

    private static String linked(@Nullable Long bytes) {
        return bytes == null ? "" : "%,d".formatted(bytes);
    }
}
