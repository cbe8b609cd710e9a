package dev.lathe.device.mcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exported C against the Java reference: every bit of every logit, and every byte of the arena. */
class FirmwareTest {
    private static final int NETWORKS = 6;
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
    @CsvSource({"mbconv-tiny, 1, 8, 8", "mbconv-tiny, 3, 32, 32", "vit-tiny, 1, 8, 8", "vit-tiny, 3, 32, 32", "micronas, 1, 128, 9"})
    void cOnTheHostAndTheReferenceAgreeInEveryBit(String name, int channels, int height, int width) throws Exception {
        RandomExports exports = new RandomExports(space(name, channels, height, width), NETWORKS, SAMPLES, 1);
        assertAgrees(exports, Firmware.of(folder, exports.entries).onHost(true));
    }
}
