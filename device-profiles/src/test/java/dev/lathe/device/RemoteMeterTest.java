package dev.lathe.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.graph.Shape;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices that are elsewhere: what goes wrong there is tried again, then told in one line, and nothing measured is lost. */
class RemoteMeterTest {
    private static final MeasurementProtocol PROTOCOL = new MeasurementProtocol(1, 2, 3, 0, 0.5, 1);

    @TempDir
    Path folder;

    private final List<Long> pauses = new ArrayList<>();

    private Path script(String name, String... lines) throws IOException {
        Path p = folder.resolve(name);
        Files.writeString(p, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(p, PosixFilePermissions.fromString("rwx------"));
        return p;
    }

    /** Runs the stand-in for the measuring program. */
    private String fake(String input, String fault) {
        return "exec '%s' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '%s' dev.lathe.device.FakeMeasure %s %s '%s'"
                .formatted(
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        System.getProperty("java.class.path"),
                        input,
                        fault,
                        folder.resolve("starts"));
    }

    /** A stand-in for adb: pushing copies, and the phone's program has a fault. */
    private RemoteCommand adb(String fault, int timeoutSeconds) throws IOException {
        Path adb = script(
                "adb",
                "[ \"$1\" = -s ] && shift 2",
                "if [ \"$1\" = push ]; then cp \"$2\" '" + folder.resolve("pushed") + "'; exit; fi",
                fake("plain", fault));
        Path program = Files.writeString(folder.resolve("program"), "binary");
        return RemoteCommand.adb(
                adb.toString(),
                new Connection.Adb("serial-1", "/data/local/tmp/program", List.of(program.toString()), timeoutSeconds));
    }

    private RemoteMeter meter(RemoteCommand command) {
        return new RemoteMeter(FakeDevice.profile("phone", 1, PROTOCOL), command, 1, pauses::add);
    }

    private static List<LatencyMeasurement> measure(RemoteMeter meter, int n) throws IOException {
        return meter.measure(FakeDevice.tasks(n), ProgressListener.SILENT, MeasurementSink.NONE);
    }

    private static void assertMeasured(List<LatencyMeasurement> m) {
        for (int i = 0; i < m.size(); i++) {
            assertThat(m.get(i).medianMs()).as("network %d", i).isEqualTo(0.001 * (1 + i));
            assertThat(m.get(i).repetitionsMs()).hasSize(3).allMatch(r -> r.size() == 2);
        }
    }

    @Test
    void aPhoneIsMeasuredByAProgramThatIsPushed() throws IOException {
        assertMeasured(measure(meter(adb("none", 20)), 3));
        assertThat(folder.resolve("pushed")).hasContent("binary");
        assertThat(pauses).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"unplug", "nan", "negative", "noise"})
    void aFaultThatPassesCostsAnotherTry(String fault) throws IOException {
        assertMeasured(measure(meter(adb(fault, 20)), 3));
        assertThat(pauses).hasSize(1);
        assertThat(folder.resolve("starts")).hasContent("2");
    }

    @Test
    void aHangEndsByTheTimeout() throws IOException {
        assertMeasured(measure(meter(adb("hang", 2)), 2));
        assertThat(pauses).hasSize(1);
    }

    @Test
    void aClockThatJumpsMakesAnOutlierThatIsMeasuredAgain() throws IOException {
        assertMeasured(measure(meter(adb("jump", 20)), 2));
        assertThat(pauses).isEmpty();
    }

    @Test
    void aDeviceThatStaysAwayIsToldInOneLineAndTheTableGoesOn() throws IOException {
        DeviceProfile phone = FakeDevice.profile("phone", 1, PROTOCOL);
        Path file = folder.resolve("measurements.csv");
        try (MeasurementTable table = MeasurementTable.open(file, phone)) {
            table.measureMissing(meter(adb("none", 20)), FakeDevice.tasks(2), ProgressListener.SILENT);
            assertThatThrownBy(() -> table.measureMissing(
                            meter(adb("always-unplug", 20)), FakeDevice.tasks(5), ProgressListener.SILENT))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContainingAll("phone serial-1", "not found", "4 tries", "run the same command again")
                    .hasMessageNotContaining("\n");
            assertThat(pauses).containsExactly(500L, 1000L, 2000L);
        }
        Files.delete(folder.resolve("starts"));
        try (MeasurementTable table = MeasurementTable.open(file, phone)) {
            assertThat(table.rows()).hasSize(2);
            assertMeasured(
                    table.measureMissing(meter(adb("none", 20)), FakeDevice.tasks(2), ProgressListener.SILENT).stream()
                            .map(m -> new LatencyMeasurement(
                                    m.id(),
                                    m.medianMs(),
                                    m.minMs(),
                                    m.p90Ms(),
                                    m.spreadMs(),
                                    m.rounds(),
                                    m.repetitions(),
                                    m.device(),
                                    m.protocol(),
                                    List.of(List.of(1.0, 1.0), List.of(1.0, 1.0), List.of(1.0, 1.0))))
                            .toList());
        }
    }

    @Test
    void anotherProgramAndAFullDiskAreToldInOneLine() throws IOException {
        assertThatThrownBy(() -> measure(meter(adb("always-wrong-program", 20)), 1))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("Welcome to the phone!");
        Path full = script("adb-full", "echo 'adb: error: failed to copy: No space left on device' >&2", "exit 1");
        RemoteCommand command =
                RemoteCommand.adb(full.toString(), new Connection.Adb(null, "/x/y", List.of("/etc/hostname"), 5));
        assertThatThrownBy(() -> measure(meter(command), 1))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("No space left on device")
                .hasMessageNotContaining("\n");
        RemoteCommand none =
                RemoteCommand.adb(folder.resolve("no-adb").toString(), new Connection.Adb(null, "/x/y", List.of(), 5));
        assertThatThrownBy(() -> measure(meter(none), 1)).hasMessageContaining("cannot be started; install it");
    }

    @Test
    void aModelThatTheRuntimeRefusesIsNamedAtOnce() throws IOException {
        RemoteMeter meter = meter(adb("none", 20));
        List<MeasurementTask> tasks = new ArrayList<>(FakeDevice.tasks(1));
        tasks.add(new MeasurementTask("net-x", () -> "bad".getBytes(StandardCharsets.UTF_8), Shape.of(1, 2, 2)));
        assertThatThrownBy(() -> meter.measure(tasks, ProgressListener.SILENT, MeasurementSink.NONE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("phone", "net-x", "operator Foo is not known");
        assertThat(pauses).isEmpty();
    }

    @Test
    void aFullDiskHereStopsTheMeasuring() throws IOException {
        RemoteMeter meter = meter(adb("none", 20));
        assertThatThrownBy(() -> meter.measure(FakeDevice.tasks(1), ProgressListener.SILENT, block -> {
                    throw new IOException("No space left on device");
                }))
                .hasMessage("No space left on device");
    }

    @Test
    void theRemoteShellSeesNothingOfTheUser() {
        RemoteCommand c = RemoteCommand.ssh(
                List.of("ssh"), new Connection.Ssh("pi.local", 22, "pi", "/key file;$(x)", "python3", 9));
        assertThat(c.start()).containsSubsequence("-i", "/key file;$(x)").containsSubsequence("--", "pi.local");
        assertThat(c.start().get(c.start().size() - 1)).startsWith("exec python3 -c 'import sys; exec(");
        assertThat(c.preamble()).startsWith(RemoteCommand.program().getBytes(StandardCharsets.UTF_8).length + "\n#");
    }

    /** A real server on this machine, with a key of its own. */
    @Test
    void overSshNetworksAreMeasuredAndALostConnectionIsMade() throws Exception {
        Path sshd = Path.of("/usr/sbin/sshd");
        boolean there = Files.isExecutable(sshd)
                && Files.isExecutable(Path.of("/usr/bin/ssh"))
                && Files.isExecutable(Path.of("/usr/bin/ssh-keygen"));
        there = there && hasSeparation();
        assumeTrue(there, "no ssh server: apt-get install openssh-server to test measuring over ssh");
        for (String key : List.of("host", "user")) {
            run(
                    "/usr/bin/ssh-keygen",
                    "-q",
                    "-t",
                    "ed25519",
                    "-N",
                    "",
                    "-f",
                    folder.resolve(key).toString());
        }
        Path authorized = folder.resolve("authorized");
        Files.copy(folder.resolve("user.pub"), authorized);
        int port;
        try (ServerSocket s = new ServerSocket(0)) {
            port = s.getLocalPort();
        }
        Path config = Files.writeString(folder.resolve("sshd_config"), """
                ListenAddress 127.0.0.1
                Port %d
                HostKey %s
                AuthorizedKeysFile %s
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                PidFile %s
                """.formatted(
                        port, folder.resolve("host"), authorized, folder.resolve("pid")));
        Process server = new ProcessBuilder(sshd.toString(), "-D", "-e", "-f", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("sshd.log").toFile())
                .start();
        try {
            Path client = Files.writeString(
                    folder.resolve("ssh_config"),
                    "StrictHostKeyChecking no\nUserKnownHostsFile %s\nLogLevel ERROR\n"
                            .formatted(folder.resolve("known")));
            Path python = script("fake-python", fake("preamble", "unplug"));
            Connection.Ssh c = new Connection.Ssh(
                    "127.0.0.1", port, null, folder.resolve("user").toString(), python.toString(), 20);
            RemoteCommand command = RemoteCommand.ssh(List.of("ssh", "-F", client.toString()), c);
            RemoteMeter meter = new RemoteMeter(FakeDevice.profile("pi", 1, PROTOCOL), command, 1, n -> {
                pauses.add(n);
                Thread.sleep(n);
            });
            List<LatencyMeasurement> m;
            try {
                m = measure(meter, 3);
            } catch (DeviceException e) {
                throw new AssertionError(Files.readString(folder.resolve("sshd.log")), e);
            }
            assertMeasured(m);
            assertThat(folder.resolve("starts")).hasContent("2");

            server.destroy();
            server.waitFor(10, TimeUnit.SECONDS);
            pauses.clear();
            assertThatThrownBy(() -> new RemoteMeter(FakeDevice.profile("pi", 1, PROTOCOL), command, 1, pauses::add)
                            .measure(FakeDevice.tasks(1), ProgressListener.SILENT, MeasurementSink.NONE))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContainingAll("127.0.0.1", "refused")
                    .hasMessageNotContaining("\n");
            assertThat(pauses).hasSize(RemoteDevice.TRIES - 1);
        } finally {
            server.destroyForcibly();
        }
    }

    /** A server that root starts wants a folder that the system's own makes. */
    private static boolean hasSeparation() {
        try {
            Files.createDirectories(Path.of("/run/sshd"));
            return true;
        } catch (IOException e) {
            return !"root".equals(System.getProperty("user.name"));
        }
    }

    private static void run(String... argv) throws Exception {
        assertThat(new ProcessBuilder(argv).inheritIO().start().waitFor()).isZero();
    }
}
