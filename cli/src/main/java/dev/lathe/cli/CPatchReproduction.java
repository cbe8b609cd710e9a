package dev.lathe.cli;

import dev.lathe.base.Seeds;
import dev.lathe.device.mcu.Firmware;
import dev.lathe.device.mcu.FirmwareCheck;
import dev.lathe.device.mcu.Microcontroller;
import dev.lathe.graph.Activation;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.c.CModel;
import dev.lathe.graph.c.CWriter;
import dev.lathe.graph.memory.DeploymentPlan;
import dev.lathe.graph.quant.Calibration;
import dev.lathe.graph.quant.Quantizer;
import dev.lathe.graph.quant.RandomTrial;
import dev.lathe.space.Layers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The memory of MobileNetV2 in patches against layer by layer, as C that is executed.
 *
 * @see <a href="https://arxiv.org/abs/2110.15352">Lin et al., MCUNetV2, NeurIPS 2021</a>, for the published eighth
 */
final class CPatchReproduction {
    /** The width and size that MCUNet compares with, on the STM32F746. */
    private static final double WIDTH = 0.35;

    private static final int SIDE = 144;
    private static final int CLASSES = 10;
    private static final float EPSILON = 1e-5f;
    private static final double LEAST_RATIO = 4;
    /** Of random biases and shifts. */
    private static final double SPREAD = 0.2;
    /** Expansion, channels, blocks, stride of the first, as in (Sandler et al., 2018), table 2. */
    private static final int[][] STAGES = {
        {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
    };

    private CPatchReproduction() {}

    static void add(List<ReproduceCommand.Row> rows, Path folder) throws IOException {
        Graph graph = mobileNetV2();
        WeightProvider weights = RandomTrial.weights(1, SPREAD);
        RandomGenerator random = Seeds.generator(1, "c-export patches", 0);
        Calibration ranges = Calibration.of(graph, weights, RandomTrial.inputs(graph, 2, random), CExportStep.ALL);
        CModel model = CWriter.write(Quantizer.quantize(graph, weights, ranges), "net", Map.of(), 1);
        DeploymentPlan whole = CWriter.plan(graph, 0);
        double ratio = whole.peakSramBytes() / (double) model.arenaBytes();
        String what = "MobileNetV2 of width %.2f, %d x %d pixels, ".formatted(WIDTH, SIDE, SIDE);
        rows.add(new ReproduceCommand.Row(
                what + "arena layer by layer and in patches",
                "1372 to 172 KiB, 8.0 times, at width 1 and 224 pixels (MCUNetV2)",
                "%s to %s, %.1f times, by %s; %.0f %% more MACs"
                        .formatted(
                                Quantities.show("peakSramBytes", whole.peakSramBytes()),
                                Quantities.show("peakSramBytes", model.arenaBytes()),
                                ratio,
                                model.plan()
                                        .patchStage()
                                        .map(s -> "%d x %d patches of the first %d layers"
                                                .formatted(s.grid(), s.grid(), s.regions()))
                                        .orElse("no patches"),
                                100.0
                                        * model.plan().extraMacs()
                                        / CostModel.of(graph).macs()),
                "at least %.0f times".formatted(LEAST_RATIO),
                ratio >= LEAST_RATIO));
        FirmwareCheck check = new FirmwareCheck(
                folder.resolve("patches"), List.of(model), List.of(RandomTrial.inputs(graph, 1, random)));
        rows.add(row(what + "in patches, C on the host: every bit, and the arena to its last byte", check.onHost()));
        Microcontroller board = Microcontroller.STM32F746.withBudgets(
                Microcontroller.STM32F746.sramBytes(), Microcontroller.BOARD_BYTES);
        check.link(board);
        rows.add(row(what + "the same on an emulated Cortex-M7 with 320 KiB of RAM", check.emulated(board)));
    }

    private static ReproduceCommand.Row row(String what, FirmwareCheck.@Nullable Result r) {
        boolean agrees = r != null && r.agreeing() == 1 && r.packed() == 1;
        String instructions = r == null || r.report().of("net").instructions() == 0
                ? ""
                : ", %.1f M instructions".formatted(r.report().of("net").instructions() / 1e6);
        String ours = r == null ? Firmware.missing().orElse("") : (agrees ? "equal" : "differs") + instructions;
        return new ReproduceCommand.Row(what, "", ours, "equal", agrees);
    }

    private static Graph mobileNetV2() {
        GraphBuilder g = new GraphBuilder("mobilenet-v2");
        Layers layers = new Layers(g, EPSILON);
        Tensor x = g.input("image", 3, SIDE, SIDE);
        x = layers.convNorm("stem", x, width(32), 3, 3, 2, 1, Activation.RELU6);
        int block = 0;
        for (int[] s : STAGES) {
            for (int i = 0; i < s[2]; i++) {
                x = inverted(layers, "block" + block++, x, s[0], width(s[1]), i == 0 ? s[3] : 1);
            }
        }
        x = layers.pointwise("last", x, 1280, Activation.RELU6);
        x = g.add("pool", new Operator.GlobalAveragePool(), x);
        return g.build(layers.linear("logits", x, CLASSES, true));
    }

    private static int width(int channels) {
        return Layers.makeDivisible(WIDTH * channels, 8);
    }

    private static Tensor inverted(Layers layers, String name, Tensor x, int expansion, int outputs, int stride) {
        int inputs = x.shape().extent(0);
        Tensor y = expansion == 1 ? x : layers.pointwise(name + ".expand", x, expansion * inputs, Activation.RELU6);
        y = layers.depthwise(name + ".depthwise", y, 3, 3, stride, Activation.RELU6);
        y = layers.pointwise(name + ".project", y, outputs, null);
        return stride == 1 && inputs == outputs ? layers.add(name + ".sum", x, y) : y;
    }
}
