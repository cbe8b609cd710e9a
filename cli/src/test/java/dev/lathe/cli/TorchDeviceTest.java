package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device whose runtime is PyTorch, from its file to what the cards say. */
class TorchDeviceTest {
    @TempDir
    Path folder;

    private Path device;

    @BeforeEach
    void write() throws IOException {
        device = file("quick", 1);
    }

    private Path file(String id, int threads) throws IOException {
        return Files.writeString(folder.resolve(id + ".yaml"), """
                id: %s
                description: this machine, in a hurry
                kind: local
                runtime: pytorch
                threads: %d
                protocol: {warmUpRuns: 1, repetitions: 2, rounds: 3, remeasurements: 0, extraRounds: 0, driftShare: 0}
                """.formatted(id, threads));
    }

    @Test
    void aRunTimesGraphsAndItsCardsSaySo() throws Exception {
        Path out = folder.resolve("run");
        Lathe.Result r = Lathe.run(
                "run",
                "-q",
                "--device",
                device,
                "--out",
                out,
                "--set",
                "training.steps=10",
                "--set",
                "profile.networks=20",
                "--set",
                "search.evaluations=500",
                "--set",
                "search.population=50");
        assertThat(r.exitCode()).as(r.err()).isZero();
        assertThat(r.out()).contains("latency measured on quick, one thread");
        JsonNode card = Json.json().readTree(out.resolve("export/net-01.json").toFile());
        assertThat(card.get("origins").get("latency.medianMs").asText())
                .contains("random weights", "executor of supernets")
                .doesNotContain("this file");
        assertThat(card.get("versions").get("runtime").asText()).startsWith("PyTorch ");
        assertThat(card.get("versions").get("onnxruntime").asText()).isNotEmpty();
        assertThat(card.get("latency").get("medianMs").asDouble()).isPositive();
        assertThat(Lathe.run("verify", out).exitCode()).isZero();
    }

    @Test
    void singleOperatorsAreTimedAsGraphsToo() throws Exception {
        Path out = folder.resolve("operators");
        Lathe.Result r = Lathe.run(
                "profile", "-q", "--per-operator", "--device", device, "--out", out, "--set", "profile.networks=20");
        assertThat(r.exitCode()).as(r.err()).isZero();
        assertThat(Files.readString(out.resolve("operators.csv"))).contains("Conv2d.", "Linear");
    }

    @Test
    void whatItCannotDoIsRefusedBeforeAFolderIsMade() throws Exception {
        Path out = folder.resolve("refused");
        Lathe.Result threads = Lathe.run("profile", "-q", "--device", file("wide", 63), "--out", out);
        assertThat(threads.exitCode()).isEqualTo(2);
        assertThat(threads.err()).hasLineCount(1).contains("LATHE_THREADS=63");
        assertThat(out).doesNotExist();
        Lathe.Result pool =
                Lathe.run("pool", "add", "-q", "--device", file("wide", 63), "--pool", folder.resolve("pool"));
        assertThat(pool.exitCode()).isEqualTo(2);
        assertThat(folder.resolve("pool")).doesNotExist();
        Lathe.Result memory = Lathe.run(
                "profile", "-q", "--memory", "--device", device, "--out", out, "--set", "profile.networks=20");
        assertThat(memory.exitCode()).isEqualTo(2);
        assertThat(memory.err()).hasLineCount(1).contains("PyTorch");
    }
}
