package dev.lathe.device.mcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.base.Seeds;
import dev.lathe.graph.c.CBench;
import dev.lathe.graph.c.CFootprint;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a search believes of a network's memory, against the linker. */
class FootprintTest {
    private static final long MOST_SLACK = 10 * 1024;

    @TempDir
    Path folder;

    @Test
    void ramIsWhatTheLinkerSaysAndFlashNeverLess() throws Exception {
        assumeTrue(Firmware.hasEmulator(), () -> Firmware.missing().orElse(""));
        RandomExports exports =
                new RandomExports(SearchSpaces.create("mbconv-tiny", new TaskShape(1, 8, 8, 7)), 2, 2, 3);
        exports.entries.addAll(
                new RandomExports(SearchSpaces.create("vit-tiny", new TaskShape(3, 8, 8, 10)), 2, 1, 3).entries);
        exports.add(OperatorZoo.convolutional(12, 11), "zoo", 1, Seeds.generator(3, "zoo", 0));
        exports.add(OperatorZoo.transformer(false, 2), "zoo", 1, Seeds.generator(3, "zoo", 1));
        for (CBench.Entry e : exports.entries) {
            assertThat(CFootprint.of(e.model().network().graph(), 0))
                    .isEqualTo(e.model().footprint());
        }
        List<CBench.Entry> inPatches =
                new RandomExports(SearchSpaces.create("conv-small", new TaskShape(3, 32, 32, 10)), 2, 1, 3, 1).entries;
        assertThat(inPatches).allMatch(e -> e.model().plan().patchStage().isPresent());
        exports.entries.addAll(inPatches);
        int i = 0;
        for (CBench.Entry e : exports.entries) {
            Firmware.Linked linked =
                    Firmware.of(folder.resolve("net" + i++), List.of(e)).link(Microcontroller.STM32F746);
            CFootprint said = e.model().footprint();
            assertThat(linked.ramBytes()).isEqualTo(said.ramBytes());
            assertThat(linked.flashBytes()).isBetween(said.flashBytes() - MOST_SLACK, said.flashBytes());
        }
    }
}
