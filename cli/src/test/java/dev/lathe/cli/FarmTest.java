package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FarmTest {
    @TempDir
    Path folder;

    private Lathe.Result farm(Object... more) {
        List<Object> words = new ArrayList<>(
                List.of("farm", "-q", "--json", "--set", "profile.networks=20", "--out", folder.resolve("farm")));
        words.addAll(Arrays.asList(more));
        return Lathe.run(words.toArray());
    }

    /** A board that is not there takes nothing from the others, and each folder is a run that goes on by itself. */
    @Test
    void eachDeviceHasARunOfItsOwnAndOneThatIsAwayIsNamed() throws Exception {
        Path away = Files.writeString(folder.resolve("away.yaml"), """
                id: away
                description: a board that is switched off
                kind: ssh
                ssh: {host: no-such-host.invalid, timeoutSeconds: 2}
                """);
        Lathe.Result r = farm("--on", "this-machine,this-machine-plain", "--on", away);
        assertThat(r.exitCode()).as(r.err()).isEqualTo(1);
        JsonNode devices = Json.json().readTree(r.out()).get("devices");
        assertThat(devices.findValuesAsText("device")).containsExactly("this-machine", "this-machine-plain", "away");
        assertThat(devices.findValuesAsText("queue"))
                .containsExactly("this machine", "this machine", "no-such-host.invalid");
        assertThat(devices.get(2).get("failure").asText())
                .contains("no-such-host.invalid")
                .doesNotContain("\n");
        for (int i = 0; i < 2; i++) {
            assertThat(devices.get(i).get("failure").isNull()).isTrue();
            assertThat(devices.get(i).get("networks").asInt()).isEqualTo(22);
            assertThat(devices.get(i).get("medianMs").asDouble()).isPositive();
        }
        Path run = folder.resolve("farm/this-machine");
        byte[] measured = Files.readAllBytes(run.resolve("measurements.csv"));
        Lathe.Result alone = Lathe.run("profile", "-q", "--out", run);
        assertThat(alone.exitCode()).as(alone.err()).isZero();
        assertThat(alone.out()).contains("budgets: ");
        assertThat(farm("--on", "this-machine").exitCode()).isZero();
        assertThat(Files.readAllBytes(run.resolve("measurements.csv"))).isEqualTo(measured);
    }

    @Test
    void whatAFarmCannotUseIsRefusedBeforeAFolderIsMade() {
        for (List<String> wrong : List.of(
                List.of("--on", "this-machine,this-machine"),
                List.of("--on", "this-machine,no-such-device"),
                List.of("--device", "this-machine", "--on", "this-machine"),
                List.of("--on", "this-machine", "--set", "profile.samples=10"),
                List.of("--on", "this-machine", "--budget", "latency=soon"))) {
            Lathe.Result r = farm(wrong.toArray());
            assertThat(r.exitCode()).as("%s: %s", wrong, r.err()).isEqualTo(2);
            assertThat(r.err()).hasLineCount(1);
            assertThat(folder.resolve("farm")).doesNotExist();
        }
    }
}
