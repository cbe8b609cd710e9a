package dev.lathe.supernet;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.graph.TensorFile;
import dev.lathe.space.SearchSpace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All that training needs to go on, or evaluation to start: one file in the safetensors format with tensors {@code
 * parameter/NAME}, {@code adam.mean/NAME}, {@code adam.variance/NAME} and, in its metadata, space, task, data, step, settings
 * and update counts.
 *
 * @param layout of the parameters
 * @param step steps done
 * @param configHash of the settings that decide the weights
 * @param parameters trained values by name
 * @param moments optimizer state by name
 */
record SupernetCheckpoint(
        ParameterLayout layout,
        int step,
        String configHash,
        Map<String, float[]> parameters,
        Map<String, AdamW.Moments> moments) {
    private static final String FORMAT = "lathe-supernet-1";
    private static final String PARAMETER = "parameter/";
    private static final String MEAN = "adam.mean/";
    private static final String VARIANCE = "adam.variance/";
    private static final String UPDATES = "updates/";
    private static final String TRANSFORMS = "kernelTransforms";
    /** Of all values, in the metadata. */
    private static final String CHECKSUM = "sha256";

    private static final int MOST_BYTES = Integer.MAX_VALUE - 16;

    /**
     * SHA-256 of everything that decides the weights, apart from how often they are saved.
     *
     * @param data the data's fingerprint
     */
    static String configHash(SearchSpace space, TrainingConfig config, String data) {
        String all = space.name()
                + space.task()
                + space.decisions()
                + config.withCheckpointEverySteps(1).text()
                + data;
        return Hashes.sha256(all.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes the file whole or not at all. */
    void write(Path file, SearchSpace space, String data, TrainingConfig config) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        metadata.put("space", space.name());
        metadata.put("task", space.task().toString());
        metadata.put("data", data);
        metadata.put("step", Integer.toString(step));
        metadata.put("seed", Long.toString(config.seed()));
        metadata.put("settings", config.text());
        metadata.put("configHash", configHash);
        if (!new KernelTransforms(layout).isEmpty()) {
            metadata.put(TRANSFORMS, "true");
        }
        Map<String, TensorFile.Tensor> tensors = new LinkedHashMap<>();
        parameters.forEach((name, v) -> tensors.put(
                PARAMETER + name, new TensorFile.Tensor(layout.get(name).extents(), v)));
        moments.forEach((name, m) -> {
            int[] shape = layout.get(name).extents();
            tensors.put(MEAN + name, new TensorFile.Tensor(shape, m.mean()));
            tensors.put(VARIANCE + name, new TensorFile.Tensor(shape, m.variance()));
            metadata.put(UPDATES + name, Integer.toString(m.updates()));
        });
        TensorFile content = new TensorFile(metadata, tensors);
        metadata.put(CHECKSUM, Hashes.sha256(content.data()));
        AtomicFiles.write(file, content.encode());
    }

    /**
     * Reads and checks a checkpoint. Kernel transforms are read where the file has them, whether the layout does or not.
     *
     * @throws InvalidInputException if it is missing, damaged, or of another space, task or data set
     */
    static SupernetCheckpoint read(Path file, SearchSpace space, ParameterLayout expected, String data)
            throws IOException {
        TensorFile c = content(file);
        Map<String, String> meta = c.metadata();
        if (!FORMAT.equals(meta.get("format"))) {
            throw broken(file, "its format is '%s', not '%s'".formatted(shown(meta, "format"), FORMAT));
        }
        requireSame(file, meta, "space", space.name(), "space '%s'");
        requireSame(file, meta, "task", space.task().toString(), "task %s");
        requireSame(file, meta, "data", data, "data with fingerprint %s");
        ParameterLayout layout = layout(file, meta, space, expected);
        int step = number(file, meta, "step");
        Map<String, float[]> parameters = new LinkedHashMap<>();
        Map<String, AdamW.Moments> moments = new LinkedHashMap<>();
        int tensors = 0;
        for (Map.Entry<String, ParameterLayout.Entry> e : layout.entries().entrySet()) {
            if (e.getValue().role().isTrained()) {
                String name = e.getKey();
                int[] shape = e.getValue().extents();
                parameters.put(name, values(file, c, PARAMETER + name, shape));
                moments.put(
                        name,
                        new AdamW.Moments(
                                values(file, c, MEAN + name, shape),
                                values(file, c, VARIANCE + name, shape),
                                number(file, meta, UPDATES + name)));
                tensors += 3;
            }
        }
        if (c.tensors().size() != tensors) {
            throw broken(file, "it has %d tensors, not %d".formatted(c.tensors().size(), tensors));
        }
        return new SupernetCheckpoint(layout, step, meta.getOrDefault("configHash", ""), parameters, moments);
    }

    private static ParameterLayout layout(
            Path file, Map<String, String> meta, SearchSpace space, ParameterLayout expected) {
        boolean has = "true".equals(meta.get(TRANSFORMS));
        boolean wanted = !new KernelTransforms(expected).isEmpty();
        if (wanted && !has) {
            throw new InvalidInputException(
                    "checkpoint %s was trained without kernel transforms; resume with the settings it was started with, or give another folder"
                            .formatted(file));
        }
        return has && !wanted ? KernelTransforms.layout(space, expected) : expected;
    }

    private static TensorFile content(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException("no checkpoint at %s; train first, or give another folder".formatted(file));
        }
        if (Files.size(file) > MOST_BYTES) {
            throw broken(file, "it has %d bytes".formatted(Files.size(file)));
        }
        TensorFile c = TensorFile.decode(Files.readAllBytes(file), what -> broken(file, what));
        if (!Hashes.sha256(c.data()).equals(c.metadata().get(CHECKSUM))) {
            throw broken(file, "its checksum does not fit its content");
        }
        return c;
    }

    static InvalidInputException broken(Path file, String what) {
        return new InvalidInputException(
                "checkpoint %s is damaged or not Lathe's: %s; delete it and train again, or restore a copy"
                        .formatted(file, what));
    }

    private static float[] values(Path file, TensorFile c, String name, int[] shape) {
        TensorFile.Tensor t = c.tensors().get(name);
        if (t == null || !Arrays.equals(t.shape(), shape)) {
            throw broken(
                    file,
                    "tensor '%s' is %s, not %s"
                            .formatted(
                                    name, t == null ? "missing" : Arrays.toString(t.shape()), Arrays.toString(shape)));
        }
        for (float v : t.values()) {
            if (!Float.isFinite(v)) {
                throw broken(file, "tensor '%s' has a value that is no number".formatted(name));
            }
        }
        return t.values();
    }

    private static int number(Path file, Map<String, String> meta, String key) {
        try {
            int n = Integer.parseInt(meta.getOrDefault(key, ""));
            if (n >= 0) {
                return n;
            }
        } catch (NumberFormatException e) {
            // The message below covers it.
        }
        throw broken(file, "its %s is '%s'".formatted(key, shown(meta, key)));
    }

    private static void requireSame(
            Path file, Map<String, String> meta, String key, String wanted, String description) {
        if (!wanted.equals(meta.get(key))) {
            throw new InvalidInputException("checkpoint %s is of %s, not of %s; give its own %s, or another folder"
                    .formatted(file, description.formatted(shown(meta, key)), description.formatted(wanted), key));
        }
    }

    private static String shown(Map<String, String> meta, String key) {
        return Names.shown(meta.getOrDefault(key, "nothing"));
    }
}
