package dev.lathe.device;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The process in which one session's memory is seen: it holds nothing else that grows. Its Java heap is touched before the
 * first reading, and code is interpreted, so that what comes between two readings is the runtime's.
 *
 * <p>Arguments: the model's file, a first model's file, threads, batch, whether the runtime optimizes, runs, the file for the
 * answer. The first model is opened and run before the first reading, and stays: what the first session of a process costs once
 * is no part of a network. The answer is the difference in bytes, or a line that says why there is none.
 */
final class ResidentProbe {
    static final String BYTES = "bytes ";
    static final String REFUSED = "refused ";
    static final String FAILED = "failed ";

    private static final Path ROLLUP = Path.of("/proc/self/smaps_rollup");

    private ResidentProbe() {}

    static boolean canRead() {
        return Files.isReadable(ROLLUP);
    }

    public static void main(String[] args) throws IOException {
        Path answer = Path.of(args[6]);
        try {
            AtomicFiles.writeString(answer, BYTES + measure(args));
        } catch (InvalidInputException e) {
            AtomicFiles.writeString(answer, REFUSED + e.getMessage());
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            AtomicFiles.writeString(answer, FAILED + e);
        }
    }

    private static long measure(String[] args) throws IOException {
        int threads = Integer.parseInt(args[2]);
        int batch = Integer.parseInt(args[3]);
        boolean optimized = Boolean.parseBoolean(args[4]);
        int runs = Integer.parseInt(args[5]);
        try (RunnableNetwork first = open(Path.of(args[1]), threads, 1, optimized)) {
            first.run();
            // Twice, for reading allocates, too.
            anonymousBytes();
            long before = anonymousBytes();
            try (RunnableNetwork network = open(Path.of(args[0]), threads, batch, optimized)) {
                for (int i = 0; i < runs; i++) {
                    network.run();
                }
                return anonymousBytes() - before;
            }
        }
    }

    private static RunnableNetwork open(Path file, int threads, int batch, boolean optimized) {
        OnnxModel model = OnnxModel.load(file, threads, optimized);
        List<float[]> zeros = new ArrayList<>();
        for (OnnxModel.Input i : model.inputs()) {
            zeros.add(new float[Math.multiplyExact((int) i.shape().elements(), batch)]);
        }
        return model.withInputs(zeros, batch);
    }

    /** Bytes in memory that no file backs: what the process holds itself, without the code of libraries, which all share. */
    private static long anonymousBytes() throws IOException {
        return anonymousBytes(Files.readString(ROLLUP, StandardCharsets.US_ASCII));
    }

    static long anonymousBytes(String rollup) throws IOException {
        for (String line : rollup.lines().toList()) {
            if (line.startsWith("Anonymous:")) {
                String[] words = line.strip().split("\\s+", -1);
                try {
                    return Math.multiplyExact(1024L, Long.parseLong(words[1]));
                } catch (RuntimeException e) {
                    throw new IOException("the system says '%s' of anonymous memory".formatted(line), e);
                }
            }
        }
        throw new IOException("the system does not tell anonymous memory");
    }
}
