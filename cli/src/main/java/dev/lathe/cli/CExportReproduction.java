package dev.lathe.cli;

import dev.lathe.base.Folders;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.device.mcu.BenchReport;
import dev.lathe.device.mcu.Firmware;
import dev.lathe.device.mcu.FirmwareCheck;
import dev.lathe.device.mcu.Microcontroller;
import dev.lathe.graph.Graph;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.c.CModel;
import dev.lathe.graph.c.CWriter;
import dev.lathe.graph.quant.Calibration;
import dev.lathe.graph.quant.Quantizer;
import dev.lathe.graph.quant.RandomTrial;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.supernet.SubnetScore;
import dev.lathe.supernet.Supernet;
import dev.lathe.supernet.SupernetTrainer;
import dev.lathe.supernet.TrainingConfig;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.Datasets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** C for microcontrollers: bits, memory, accuracy and instructions. */
final class CExportReproduction {
    /** Of random biases and shifts. */
    private static final double SPREAD = 0.2;

    private static final int NETWORKS = 50;
    private static final int PER_PROGRAM = 10;
    private static final int SAMPLES = 3;
    private static final int TRAINED_NETWORKS = 10;
    private static final double MOST_LOSS = 0.015;
    private static final double LEAST_SAME = 0.96;
    private static final String NONE = "no compiler or emulator";
    private static final Map<String, Double> MOST_INSTRUCTIONS = new java.util.TreeMap<>(Map.of(
            "linear", 1.7,
            "attention", 3.0,
            "convolution_3x3", 2.5,
            "depthwise_3x3", 6.0,
            "depthwise_3x3_in_place", 6.0,
            "depthwise_5x5", 6.0));

    private CExportReproduction() {}

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        DataSplit data = Datasets.digits(1);
        Path folder = java.nio.file.Files.createTempDirectory("lathe-c-export");
        try {
            for (String name : List.of("mbconv-tiny", "vit-tiny")) {
                SearchSpace space = SearchSpaces.create(name, data.shape());
                agreement(rows, space, folder, o.execution.progress());
                accuracy(rows, space, data, folder, o.execution.progress());
            }
            excess(rows, SearchSpaces.create("mbconv-tiny", data.shape()), folder);
            CPatchReproduction.add(rows, folder);
            instructions(rows, folder);
        } finally {
            Folders.delete(folder);
        }
        return rows;
    }

    private static void agreement(
            List<ReproduceCommand.Row> rows, SearchSpace space, Path folder, ProgressListener progress)
            throws IOException {
        RandomGenerator random = Seeds.generator(1, "c-export of " + space.name(), 0);
        // Ten networks in one program are no firmware: the board's own memory, not a device's, is the limit.
        Microcontroller board =
                Microcontroller.STM32F746.withBudgets(Microcontroller.BOARD_BYTES, Microcontroller.BOARD_BYTES);
        int host = 0;
        int hostPacked = 0;
        int core = 0;
        int corePacked = 0;
        long stack = 0;
        List<Architecture> drawn = RandomNetworks.draw(space, NETWORKS, 1, "c-export");
        for (int from = 0; from < NETWORKS; from += PER_PROGRAM) {
            List<CModel> models = new ArrayList<>();
            List<List<float[]>> samples = new ArrayList<>();
            for (int i = from; i < from + PER_PROGRAM; i++) {
                Graph graph = space.lower(drawn.get(i));
                WeightProvider weights = RandomTrial.weights(random.nextLong(), SPREAD);
                Calibration ranges = Calibration.of(graph, weights, RandomTrial.inputs(graph, 8, random), 100);
                models.add(CWriter.write(Quantizer.quantize(graph, weights, ranges), "net%d".formatted(i), Map.of()));
                samples.add(RandomTrial.inputs(graph, SAMPLES, random));
            }
            FirmwareCheck check = new FirmwareCheck(folder.resolve(space.name() + from), models, samples);
            FirmwareCheck.Result r = check.onHost();
            host += r == null ? 0 : r.agreeing();
            hostPacked += r == null ? 0 : r.packed();
            check.link(board);
            FirmwareCheck.Result e = check.emulated(board);
            core += e == null ? 0 : e.agreeing();
            corePacked += e == null ? 0 : e.packed();
            stack = e == null ? stack : Math.max(stack, e.report().stackBytes());
            progress.report("C of " + space.name(), from + PER_PROGRAM, NETWORKS, "");
        }
        String all = "%d of %d".formatted(NETWORKS, NETWORKS);
        String what = "%s, random networks, ".formatted(space.name());
        boolean hasHost = Firmware.hasHost();
        boolean hasCore = Firmware.hasEmulator();
        row(
                rows,
                what + "every logit bit: C on the host as the reference",
                count(host, hasHost),
                all,
                host == NETWORKS);
        row(rows, what + "the same on an emulated Cortex-M7", count(core, hasCore), all, core == NETWORKS);
        row(
                rows,
                what + "highest arena byte touched as planned, host and core",
                count(Math.min(hostPacked, hasCore ? corePacked : NETWORKS), hasHost),
                all,
                hostPacked == NETWORKS && corePacked == NETWORKS);
        row(
                rows,
                what + "most stack on the core",
                hasCore ? stack + " B" : NONE,
                "at most %d B".formatted(Firmware.STACK_BYTES),
                hasCore && stack < Firmware.STACK_BYTES);
    }

    private static String count(int n, boolean possible) {
        return possible ? "%d of %d".formatted(n, NETWORKS) : NONE;
    }

    private static void row(List<ReproduceCommand.Row> rows, String what, String ours, String bar, boolean reached) {
        rows.add(new ReproduceCommand.Row(what, "", ours, bar, reached));
    }

    private static void accuracy(
            List<ReproduceCommand.Row> rows, SearchSpace space, DataSplit data, Path folder, ProgressListener progress)
            throws IOException {
        TrainingConfig config = TrainingConfig.defaults(space, data.train());
        try (SupernetTrainer trainer =
                SupernetTrainer.start(space, data, config, folder.resolve("supernet-" + space.name()))) {
            trainer.run(progress);
            Supernet supernet = trainer.supernet();
            double worst = Double.NEGATIVE_INFINITY;
            double float32 = 0;
            double int8 = 0;
            double worstOnnx = Double.NEGATIVE_INFINITY;
            double onnx = 0;
            double same = 1;
            int done = 0;
            List<Architecture> all = RandomNetworks.withExtremes(
                    space, RandomNetworks.draw(space, TRAINED_NETWORKS - 2, 2, "c-export accuracy"));
            for (Architecture a : all) {
                double before = SubnetScore.of((x, n) -> supernet.logits(a, x, n), data.test(), data.normalization())
                        .top1();
                double after = CExportStep.integerScore(
                                CExportStep.quantized(space.lower(a), supernet.extract(a), data, 100),
                                data.test(),
                                data)
                        .top1();
                worst = Math.max(worst, before - after);
                float32 += before / all.size();
                int8 += after / all.size();
                Int8ExportStep.Quantized q = Int8ExportStep.quantize(
                        space.lower(a), supernet.extract(a), data, 100, Map.of("architecture", a.toString()));
                worstOnnx = Math.max(worstOnnx, q.drop());
                onnx += q.int8Top1() / all.size();
                same = Math.min(same, q.sameAnswers());
                progress.report("int8 of " + space.name(), ++done, all.size(), "");
            }
            rows.add(new ReproduceCommand.Row(
                    "%s trained on the embedded digits, %d networks, top-1 on the test part: largest loss of int8"
                            .formatted(space.name(), all.size()),
                    "mean %s float32".formatted(Quantities.show("top1", float32)),
                    "%.2f points; mean %s".formatted(100 * worst, Quantities.show("top1", int8)),
                    "at most %.1f points".formatted(100 * MOST_LOSS),
                    worst <= MOST_LOSS));
            rows.add(new ReproduceCommand.Row(
                    "the same as 8-bit ONNX in ONNX Runtime",
                    "mean %s float32".formatted(Quantities.show("top1", float32)),
                    "%.2f points; mean %s".formatted(100 * worstOnnx, Quantities.show("top1", onnx)),
                    "at most %.1f points".formatted(100 * MOST_LOSS),
                    worstOnnx <= MOST_LOSS));
            rows.add(new ReproduceCommand.Row(
                    "the same: least share of samples with the class of the evaluation with rounded values",
                    "",
                    Quantities.show("top1", same),
                    "at least " + Quantities.show("top1", LEAST_SAME),
                    same >= LEAST_SAME));
        }
    }

    private static void excess(List<ReproduceCommand.Row> rows, SearchSpace space, Path folder) throws IOException {
        RandomGenerator random = Seeds.generator(1, "c-export budget", 0);
        Graph graph = space.lower(space.largest());
        WeightProvider weights = RandomTrial.weights(1, SPREAD);
        Calibration ranges = Calibration.of(graph, weights, RandomTrial.inputs(graph, 2, random), 100);
        CModel model = CWriter.write(Quantizer.quantize(graph, weights, ranges), "net", Map.of());
        FirmwareCheck check = new FirmwareCheck(
                folder.resolve("budget"), List.of(model), List.of(RandomTrial.inputs(graph, 1, random)));
        String said = NONE;
        Firmware.Linked linked = check.link(Microcontroller.STM32F746);
        boolean fits = false;
        if (linked != null) {
            Microcontroller exact = Microcontroller.STM32F746.withBudgets(linked.ramBytes(), linked.flashBytes());
            fits = check.link(exact) != null;
            try {
                check.link(exact.withBudgets(linked.ramBytes() - 1, linked.flashBytes()));
                said = "links";
            } catch (InvalidInputException e) {
                said = String.valueOf(e.getMessage());
            }
        }
        row(
                rows,
                "firmware on a device of exactly its RAM links, with one byte less it is refused",
                said,
                "1 byte named",
                fits && said.contains(" 1 more bytes of RAM"));
    }

    private static void instructions(List<ReproduceCommand.Row> rows, Path folder) throws IOException {
        Map<String, BenchReport.Rate> rates = Map.of();
        if (Firmware.hasEmulator()) {
            Firmware f = Firmware.rates(folder.resolve("rates"));
            f.link(Microcontroller.STM32F746);
            rates = f.emulated(Microcontroller.STM32F746).rates();
        }
        for (Map.Entry<String, Double> e : MOST_INSTRUCTIONS.entrySet()) {
            BenchReport.Rate r = rates.get(e.getKey());
            row(
                    rows,
                    "instructions per MAC on a Cortex-M7, " + e.getKey().replace('_', ' '),
                    r == null ? NONE : "%.3f (%,d MACs)".formatted(r.perMac(), r.macs()),
                    "at most " + e.getValue(),
                    r != null && r.perMac() <= e.getValue());
        }
    }
}
