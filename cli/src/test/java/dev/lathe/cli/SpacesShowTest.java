package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import dev.lathe.space.custom.SpaceFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lathe spaces}, {@code lathe spaces show} and {@code lathe spaces schema}. */
class SpacesShowTest {
    @TempDir
    Path folder;

    private static JsonNode show(String... more) throws Exception {
        String[] args = new String[more.length + 4];
        System.arraycopy(new String[] {"spaces", "show", "--json", "-q"}, 0, args, 0, 4);
        System.arraycopy(more, 0, args, 4, more.length);
        Lathe.Result r = Lathe.run(args);
        assertThat(r.exitCode()).as(r.err()).isZero();
        return Json.json().readTree(r.out());
    }

    @Test
    void everySpaceIsListedWithItsSizeAndCosts() throws Exception {
        JsonNode all = Json.json().readTree(Lathe.run("spaces", "--json").out());
        assertThat(all).hasSizeGreaterThan(20);
        for (JsonNode o : all) {
            assertThat(o.get("architectures").bigIntegerValue().signum()).isPositive();
            assertThat(o.get("smallest").get("macs").asLong())
                    .isLessThanOrEqualTo(o.get("largest").get("macs").asLong());
        }
    }

    @Test
    void aScheduleIsSaidInWords() throws Exception {
        JsonNode network = show("mbconv-tiny", "--samples", "1", "--schedule").get("network");
        JsonNode words = network.get("schedule");
        assertThat(words.get(0).asText())
                .contains("arena %,d bytes"
                        .formatted(network.get("int8Deployment")
                                .get("peakSramBytes")
                                .asLong()));
        assertThat(words.toString()).contains("schedule: steps, most bytes needed, what", "arena: bytes, steps, what");
        assertThat(show("mbconv-tiny", "--samples", "1").get("network").has("schedule"))
                .isFalse();
    }

    @Test
    void aSampleIsCountedAgainstABudgetAndRepeatsWithItsSeed() throws Exception {
        JsonNode a = show("mbconv-tiny", "--samples", "300", "--budget", "peakActivation=16 KiB");
        JsonNode fit = a.get("fitting");
        assertThat(fit.get("share").asDouble()).isEqualTo(fit.get("networks").asInt() / 300.0);
        assertThat(fit.get("networks").asInt()).isBetween(1, 299);
        assertThat(fit.get("meanMacs").asDouble())
                .isBetween(
                        a.get("smallest").get("macs").asDouble(),
                        a.get("largest").get("macs").asDouble());
        JsonNode macs = a.get("sample").get("macs");
        for (int i = 1; i < macs.size(); i++) {
            assertThat(macs.get(i).asLong())
                    .isGreaterThanOrEqualTo(macs.get(i - 1).asLong());
        }
        assertThat(show("mbconv-tiny", "--samples", "300", "--budget", "peakActivation=16 KiB"))
                .isEqualTo(a);
        assertThat(show("mbconv-tiny", "--samples", "300", "--budget", "parameters=1")
                        .get("fitting")
                        .has("meanMacs"))
                .isFalse();
    }

    @Test
    void aNetworkIsDrawnAndItsDeploymentPlanned() throws Exception {
        Path svg = folder.resolve("network.svg");
        JsonNode o = show("ofa-mobilenetv3", "--image-size", "160", "--samples", "5", "--svg", svg.toString());
        assertThat(Files.readString(svg)).startsWith("<svg").contains("ofa-mobilenetv3");
        JsonNode plan = o.get("network").get("int8Deployment");
        // int8 takes a quarter of float32 even without any schedule of the planner's.
        assertThat(plan.get("peakSramBytes").asLong())
                .isPositive()
                .isLessThanOrEqualTo(o.get("largest").get("peakActivationBytes").asLong() / 4);
        assertThat(plan.get("flashBytes").asLong())
                .isGreaterThan(o.get("largest").get("parameters").asLong());
    }

    @Test
    void peopleReadTables() {
        Lathe.Result r = Lathe.run("spaces", "show", "vit-tiny", "--samples", "50", "--budget", "macs=1M", "-q");
        assertThat(r.exitCode()).isZero();
        assertThat(r.out()).contains("median", "peakActivationBytes", "of 50", "peak SRAM", "flash");
    }

    @Test
    void theSchemaIsPrintedAsItIs() throws Exception {
        Lathe.Result r = Lathe.run("spaces", "schema");
        assertThat(r.exitCode()).as(r.err()).isZero();
        assertThat(r.err()).isEmpty();
        assertThat(r.out()).isEqualTo(SpaceFile.schema());
        JsonNode schema = Json.json().readTree(r.out());
        assertThat(schema.get("$schema").asText()).endsWith("2020-12/schema");
        assertThat(schema.at("/$defs/layer/else/properties/type/enum").toString())
                .contains("\"conv\"", "\"transformer\"", "\"classifier\"");
    }

    @Test
    void badInputIsOneLine() throws Exception {
        Path yaml = folder.resolve("bad.yaml");
        Files.writeString(yaml, "name: bad\nblocks: 3\n");
        refused("'mbconv-tinny'", "spaces", "show", "mbconv-tinny");
        refused("--samples", "spaces", "show", "mbconv-tiny", "--samples", "0");
        refused("device", "spaces", "show", "mbconv-tiny", "--budget", "latency=1 ms");
        refused("device", "spaces", "show", "mbconv-tiny", "--budget", "macs=p30");
        refused("'KiBi'", "spaces", "show", "mbconv-tiny", "--budget", "peakActivation=3 KiBi");
        refused("vit-tiny", "spaces", "show", "mbconv-tiny", "--architecture", "vit-tiny:0-0");
        refused("'x'", "spaces", "show", "mbconv-tiny", "--architecture", "x");
        refused("line", "spaces", "show", yaml.toString());
        refused("is no file", "spaces", "show", folder.resolve("none.yaml").toString());
        refused("Unmatched argument", "spaces", "schema", "extra");
        refused("32", "spaces", "show", "ofa-mobilenetv3", "--image-size", "2147483647");
    }

    private static void refused(String part, String... args) {
        Lathe.Result r = Lathe.run(args);
        assertThat(r.exitCode()).as(r.err()).isEqualTo(2);
        assertThat(r.err()).contains(part);
        assertThat(r.err().strip().lines()).as(r.err()).hasSize(1);
    }
}
