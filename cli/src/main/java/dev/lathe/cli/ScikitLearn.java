package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A Python process with scikit-learn, whose models of the same kinds are timed on the same rows. */
final class ScikitLearn implements AutoCloseable {
    private static final String PROGRAM = "scoring_speed.py";
    private static final List<String> THREADS = List.of("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS");

    private final Process process;
    private final OutputStream in;
    private final BufferedReader out;
    private final String version;

    /**
     * Starts it, on one thread.
     *
     * @param python the interpreter
     * @param sizes numbers that the program wants to know
     * @param matrices the values, in the program's order
     * @throws InvalidInputException if there is no such interpreter, or it has no scikit-learn
     */
    ScikitLearn(String python, Map<String, Integer> sizes, List<double[][]> matrices) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(python, "-c", program());
        THREADS.forEach(t -> builder.environment().put(t, "1"));
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new InvalidInputException(
                    "no Python interpreter '%s'; give one with scikit-learn by --python".formatted(Names.shown(python)),
                    e);
        }
        in = process.getOutputStream();
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String first = null;
        try {
            ObjectNode header = Json.json().createObjectNode();
            sizes.forEach(header::put);
            // Whatever the writer's layout: one line.
            in.write(header.toString().replace("\n", "").getBytes(StandardCharsets.UTF_8));
            in.write('\n');
            for (double[][] m : matrices) {
                send(m);
            }
            in.flush();
            first = out.readLine();
        } catch (IOException e) {
            // It ended; what it said says why.
            first = out.readLine();
        }
        if (first == null || !first.startsWith("scikit-learn ")) {
            close();
            throw new InvalidInputException("%s has no scikit-learn (%s); install it there, or give another by --python"
                    .formatted(Names.shown(python), Names.shown(String.valueOf(first))));
        }
        version = first;
    }

    private static String program() throws IOException {
        try (InputStream source = ScikitLearn.class.getResourceAsStream(PROGRAM)) {
            return new String(Objects.requireNonNull(source).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void send(double[][] rows) throws IOException {
        for (double[] row : rows) {
            ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * row.length).order(ByteOrder.LITTLE_ENDIAN);
            for (double v : row) {
                bytes.putDouble(v);
            }
            in.write(bytes.array());
        }
    }

    /** Its name and version. */
    String version() {
        return version;
    }

    /**
     * Processor time of one batch, in seconds; fits the model where it has not yet been.
     *
     * @param model what it is given, {@code choices} or {@code features}, and its name
     */
    double seconds(String model) throws IOException {
        in.write((model + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
        String line = out.readLine();
        try {
            return Double.parseDouble(Objects.requireNonNull(line));
        } catch (NumberFormatException | NullPointerException e) {
            throw new IOException("scikit-learn did not time %s, but said: %s".formatted(model, line), e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            in.close();
        } catch (IOException e) {
            // It ended before.
        }
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
