package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import dev.lathe.device.mcu.Firmware;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A search for a microcontroller: its memory is the budget, and what is over it by one byte is refused. */
class McuRunTest {
    @TempDir
    Path folder;

    private Path device(String id, long ram, long flash) throws IOException {
        Path file = folder.resolve(id + ".yaml");
        Files.writeString(file, """
                id: %s
                description: a board of the test's
                kind: emulated
                precision: int8
                memory: { ramBytes: %d, flashBytes: %d }
                emulated: { microcontroller: stm32f746, clockMhz: 216 }
                """.formatted(id, ram, flash));
        return file;
    }

    @Test
    void everyNetworkOfTheFrontLinksAndRunsAndOneByteOverIsRefused() throws Exception {
        assumeTrue(Firmware.hasEmulator(), () -> Firmware.missing().orElse(""));
        Path run = folder.resolve("run");
        Lathe.Result r = Lathe.run(
                "run",
                "-q",
                Lathe.SMALL,
                List.of("--set", "front.size=2", "--device", "stm32f746"),
                List.of("--budget", "peakSram=p40", "--budget", "flash=60 KiB"),
                List.of("--out", run));
        assertThat(r.exitCode()).as(r.err()).isZero();
        JsonNode limits =
                Json.json().readTree(run.resolve("search.json").toFile()).get("budgets");
        long most = 0;
        long flash = 0;
        JsonNode members = members(run.resolve("export/c/front.json"));
        assertThat(members).isNotEmpty();
        for (JsonNode m : members) {
            JsonNode memory = m.get("card").get("memory");
            assertThat(memory.get("ramBytes").asDouble())
                    .isLessThanOrEqualTo(limits.get("peakSramBytes").asDouble());
            assertThat(memory.get("flashBytes").asDouble())
                    .isLessThanOrEqualTo(limits.get("flashBytes").asDouble());
            assertThat(m.get("card").get("instructions").asLong()).isPositive();
            most = Math.max(most, memory.get("ramBytes").asLong());
            flash = Math.max(flash, memory.get("flashBytes").asLong());
        }
        assertThat(Files.readString(run.resolve("front.csv"))).startsWith("architecture,top1,latencyMs,");

        Lathe.Result enough = export(run, device("enough", most, flash));
        assertThat(enough.exitCode()).as(enough.err()).isZero();
        assertThat(Json.json().readTree(enough.out()).findValues("refusal")).allMatch(JsonNode::isNull);

        Lathe.Result short1 = export(run, device("short", most - 1, flash));
        assertThat(short1.exitCode()).as(short1.err()).isZero();
        for (JsonNode m : Json.json().readTree(short1.out()).get("members")) {
            if (!m.get("refusal").isNull()) {
                // Run patch by patch it may do with less RAM, but then its code is longer than the flash.
                assertThat(m.get("refusal").asText())
                        .containsAnyOf(
                                "needs %d bytes of RAM, 1 more than the %d of short".formatted(most, most - 1),
                                "more bytes of flash than the %d of short".formatted(flash));
            }
        }
        assertThat(Json.json().readTree(short1.out()).findValues("refusal")).anyMatch(n -> !n.isNull());
    }

    private static Lathe.Result export(Path run, Path device) {
        return Lathe.run("export", "-q", "--json", "--format", "c", "--mcu", device, "--out", run);
    }

    private static JsonNode members(Path summary) throws IOException {
        return Json.json().readTree(summary.toFile()).get("members");
    }

    @Test
    void budgetsThatTheDeviceCannotHaveAreRefusedInOneLine() throws Exception {
        assertRefused(Lathe.run("search", "-q", "--budget", "peakSram=64 KiB"), "this-machine", "microcontrollers");
        assertRefused(Lathe.run("search", "-q", "--set", "objectives=[top1, flash]"), "this-machine", "flash");
        assertRefused(
                Lathe.run("search", "-q", "--device", "stm32f746", "--budget", "peakSram=400 KiB"), "327680", "lower");
        Path tiny = device("tiny", 4096, 1 << 20);
        assertRefused(
                Lathe.run("run", "-q", "--device", tiny, "--out", folder.resolve("none")),
                "no network meets the budget peakSram 4096 B",
                "the smallest seen");
        assertRefused(
                Lathe.run(
                        List.of("export", "-q", "--format", "c", "--mcu", folder.resolve("none.yaml")),
                        List.of("--out", folder.resolve("nothing"))),
                "none.yaml",
                "file");
    }

    private static void assertRefused(Lathe.Result r, String... parts) {
        assertThat(r.exitCode()).as(r.out()).isEqualTo(2);
        assertThat(r.err()).contains(parts);
        assertThat(r.err().strip()).doesNotContain("\n");
    }
}
