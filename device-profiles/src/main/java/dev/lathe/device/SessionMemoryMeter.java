package dev.lathe.device;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.Folders;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.base.ProgressListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Sees how much memory a session of ONNX Runtime takes on this machine: the resident set that no file backs, after the session
 * was opened and run, less what it was before. Each repetition is a process of its own, because an allocator keeps what a session
 * gave back and hands it to the next. Unlike time, memory does not drift with what else the machine does, so a network's
 * repetitions follow one another.
 */
final class SessionMemoryMeter implements MemoryMeter {
    private static final int REPETITIONS = 3;
    private static final int RUNS = 20;
    /** A process that saw nothing sensible is asked again. */
    private static final int TRIES = 3;

    private static final long SECONDS = 120;

    private final DeviceProfile device;

    SessionMemoryMeter(DeviceProfile device) {
        this.device = device;
    }

    @Override
    public DeviceProfile device() {
        return device;
    }

    @Override
    public String protocol() {
        return "session-anonymous-r%d-n%d".formatted(REPETITIONS, RUNS);
    }

    @Override
    public List<MemoryMeasurement> measure(List<MeasurementTask> tasks, ProgressListener progress, Sink sink)
            throws IOException {
        if (!ResidentProbe.canRead()) {
            throw new InvalidInputException(
                    "this system does not tell what memory a process holds (/proc/self/smaps_rollup, Linux 4.14 or newer); leave the memory budget, objective or --memory out");
        }
        Path folder = Files.createTempDirectory("lathe-memory");
        try {
            Path first = folder.resolve("first.onnx");
            AtomicFiles.write(first, OperatorTable.emptyCall());
            Path model = folder.resolve("network.onnx");
            List<MemoryMeasurement> all = new ArrayList<>();
            for (MeasurementTask t : tasks) {
                AtomicFiles.write(model, t.model().get());
                List<Long> bytes = new ArrayList<>();
                for (int i = 0; i < REPETITIONS; i++) {
                    bytes.add(once(t.id(), model, first, folder));
                    progress.report(
                            "measuring memory",
                            (long) all.size() * REPETITIONS + i + 1,
                            (long) tasks.size() * REPETITIONS,
                            "");
                }
                MemoryMeasurement m = new MemoryMeasurement(t.id(), bytes, device.id(), protocol());
                sink.accept(m);
                all.add(m);
            }
            return all;
        } finally {
            Folders.delete(folder);
        }
    }

    private long once(String id, Path model, Path first, Path folder) throws IOException {
        String last = "";
        for (int i = 0; i < TRIES; i++) {
            last = answer(model, first, folder);
            if (last.startsWith(ResidentProbe.REFUSED)) {
                throw new InvalidInputException(
                        "%s: %s".formatted(Names.shown(id), last.substring(ResidentProbe.REFUSED.length())));
            }
            long bytes = bytes(last);
            if (bytes > 0) {
                return bytes;
            }
        }
        throw new DeviceException(
                "the memory of %s could not be seen on %s in %d tries (%s); close other programs and try again"
                        .formatted(Names.shown(id), device.id(), TRIES, Names.shown(last)));
    }

    /** What a process saw; 0 where that is no number of bytes. */
    private static long bytes(String answer) {
        if (!answer.startsWith(ResidentProbe.BYTES)) {
            return 0;
        }
        try {
            return Long.parseLong(answer.substring(ResidentProbe.BYTES.length()));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private String answer(Path model, Path first, Path folder) throws IOException {
        Path answer = folder.resolve("answer.txt");
        Path output = folder.resolve("output.txt");
        Files.deleteIfExists(answer);
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xint",
                "-XX:+UseSerialGC",
                "-XX:+AlwaysPreTouch",
                "-Xms64m",
                "-Xmx64m",
                ResidentProbe.class.getName(),
                model.toString(),
                first.toString(),
                Integer.toString(device.threads()),
                Integer.toString(device.batch()),
                Boolean.toString(device.optimized()),
                Integer.toString(RUNS),
                answer.toString());
        ProcessBuilder b = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        Map<String, String> environment = b.environment();
        environment.put("CLASSPATH", System.getProperty("java.class.path"));
        // Settings of the allocator are this program's, not those of who will run the network.
        environment.keySet().removeIf(name -> name.startsWith("MALLOC_"));
        Process p = b.start();
        try {
            if (!p.waitFor(SECONDS, TimeUnit.SECONDS)) {
                return "no answer within %d s".formatted(SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a session's memory was measured", e);
        } finally {
            p.destroyForcibly();
        }
        return Files.exists(answer)
                ? Files.readString(answer, StandardCharsets.UTF_8).strip()
                : "exit code %d: %s"
                        .formatted(
                                p.exitValue(),
                                Files.readString(output, StandardCharsets.UTF_8).strip());
    }
}
