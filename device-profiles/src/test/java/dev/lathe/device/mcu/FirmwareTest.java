package dev.lathe.device.mcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.graph.quant.Calibration;
import dev.lathe.graph.quant.Quantizer;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exported C against the Java reference: every bit of every logit, and every byte of the arena. */
class FirmwareTest {
    private static final int NETWORKS = 4;
    private static final int SAMPLES = 3;

    @TempDir
    Path folder;

    @BeforeAll
    static void needsACompiler() {
        assumeTrue(Firmware.hasHost(), () -> Firmware.missing().orElse(""));
    }

    private static SearchSpace space(String name, int channels, int height, int width) {
        return SearchSpaces.create(name, new TaskShape(channels, height, width, 10));
    }

    static void assertAgrees(RandomExports exports, BenchReport report) {
        for (int n = 0; n < exports.entries.size(); n++) {
            String name = exports.entries.get(n).model().name();
            for (int s = 0; s < exports.expected.get(n).size(); s++) {
                assertThat(report.logits().get(name).get(s))
                        .as("%s, sample %d", name, s)
                        .isEqualTo(exports.expected.get(n).get(s));
            }
            BenchReport.Memory m = report.memory().get(name);
            assertThat(m.touchedBytes()).as(name).isEqualTo(m.arenaBytes());
            assertThat(m.arenaBytes())
                    .isEqualTo(exports.entries.get(n).model().plan().peakSramBytes());
        }
    }

    @ParameterizedTest
    @CsvSource({"mbconv-tiny, 1, 8, 8", "vit-tiny, 1, 8, 8", "vit-tiny, 3, 16, 16", "micronas, 1, 128, 9"})
    void cOnTheHostAndTheReferenceAgreeInEveryBit(String name, int channels, int height, int width) throws Exception {
        RandomExports exports = new RandomExports(space(name, channels, height, width), NETWORKS, SAMPLES, 1);
        assertAgrees(exports, Firmware.of(folder, exports.entries).onHost(true));
    }

    /** Squeeze-and-excitation, pools, groups, tables, sums of sums, a wide mean; class tokens, relative positions, one key head. */
    @Test
    void operatorsThatTheSmallSpacesLackAgree() throws Exception {
        RandomExports exports = new RandomExports();
        RandomGenerator random = Seeds.generator(3, "operators", 0);
        exports.add(OperatorZoo.convolutional(12, 11), "a", 4, random);
        exports.add(OperatorZoo.convolutional(7, 16), "b", 4, random);
        exports.add(OperatorZoo.transformer(false, 1), "c", 4, random);
        exports.add(OperatorZoo.transformer(true, 2), "d", 4, random);
        assertThat(exports.cosines).allMatch(c -> c > 0.98);
        assertAgrees(exports, Firmware.of(folder, exports.entries).onHost(true));
    }

    /** The smallest arena at any price: the first layers run patch by patch, with sums, pools and wide windows among them. */
    @ParameterizedTest
    @CsvSource({"mbconv-tiny, 1, 28, 4", "conv-small, 3, 32, 2"})
    void patchesAgreeInEveryBit(String name, int channels, int side, int networks) throws Exception {
        RandomExports exports = new RandomExports(space(name, channels, side, side), networks, 2, 5, 1);
        exports.add(OperatorZoo.convolutional(23, 18), "zoo", 2, Seeds.generator(5, "zoo", 0));
        assertThat(exports.entries).anyMatch(e -> e.model().plan().patchStage().isPresent());
        Firmware f = Firmware.of(folder, exports.entries);
        assertAgrees(exports, f.onHost(true));
        if (Firmware.hasEmulator()) {
            Microcontroller board =
                    Microcontroller.STM32F746.withBudgets(Microcontroller.BOARD_BYTES, Microcontroller.BOARD_BYTES);
            f.link(board);
            assertAgrees(exports, f.emulated(board));
        }
    }

    @Test
    void whatHasNoFormInCIsNamedInOneLine() {
        SearchSpace space = SearchSpaces.create("hat-mini", SearchSpaces.usualTask("hat-mini"));
        Graph graph = space.lower(space.smallest());
        assertThatThrownBy(() -> Quantizer.quantize(graph, RandomExports.weights(1), Calibration.unit(graph)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("hat-mini", "one input")
                .hasMessageNotContaining("\n");
    }

    /** Under QEMU: the same bits on both cores, and the stack within its reserve; without it, a line on what to install. */
    @Test
    void emulatedCoresAgreeAndLinkWithinTheirBudgets() throws Exception {
        if (!Firmware.hasEmulator()) {
            assertThat(Firmware.missing()).hasValueSatisfying(s -> assertThat(s).contains("apt-get install"));
            return;
        }
        RandomExports exports = new RandomExports(space("mbconv-tiny", 1, 8, 8), 3, 2, 7);
        exports.add(OperatorZoo.transformer(false, 1), "zoo", 2, Seeds.generator(7, "zoo", 0));
        Firmware f = Firmware.of(folder, exports.entries);
        for (String id : List.of("stm32f746", "stm32f427")) {
            Microcontroller device = Microcontroller.get(id);
            Firmware.Linked linked = f.link(device);
            BenchReport report = f.emulated(device);
            assertAgrees(exports, report);
            assertThat(report.stackBytes()).isBetween(1L, (long) Firmware.STACK_BYTES);
            assertThat(report.memory().get("net0").instructions()).isPositive();
            assertThat(f.emulated(device).memory())
                    .as("instructions of a second run")
                    .isEqualTo(report.memory());
            // To the byte: what was linked fits exactly, and one byte less does not.
            f.link(device.withBudgets(linked.ramBytes(), linked.flashBytes()));
            assertThatThrownBy(() -> f.link(device.withBudgets(linked.ramBytes() - 1, device.flashBytes())))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContainingAll(" 1 more bytes of RAM", id);
            assertThatThrownBy(() -> f.link(device.withBudgets(device.sramBytes(), linked.flashBytes() - 4)))
                    .hasMessageContainingAll(" 4 more bytes of flash", id);
        }
    }
}
