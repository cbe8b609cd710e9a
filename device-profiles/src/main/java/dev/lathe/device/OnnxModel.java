package dev.lathe.device;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.graph.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model file in ONNX Runtime: inputs of shape (batch, ...), float32 or token numbers (int64), and one float32 output, on
 * the processor. {@link #logits} may be called by several threads at once; nothing may be called after {@link #close}.
 */
public final class OnnxModel implements AutoCloseable {
    private static final String MESSAGE = "message: ";

    private final OrtSession session;
    private final String name;
    private final List<Input> inputs;

    /**
     * An input of a model.
     *
     * @param name in the file
     * @param shape without the batch axis: (C, H, W) for images
     * @param tokens whether it takes token numbers, else real numbers
     */
    public record Input(String name, Shape shape, boolean tokens) {}

    private OnnxModel(OrtSession session, String name, List<Input> inputs) {
        this.session = session;
        this.name = name;
        this.inputs = List.copyOf(inputs);
    }

    /** Version of the runtime, for example {@code 1.28.0}. */
    public static String runtimeVersion() {
        return environment().getVersion();
    }

    /**
     * Loads a model that runs on one thread.
     *
     * @param bytes the content of an ONNX file
     * @param name what the model is, for messages
     * @throws InvalidInputException if the runtime refuses the file, or an input is no tensor of numbers with a batch axis
     */
    public static OnnxModel load(byte[] bytes, String name) {
        return load(bytes, name, 1);
    }

    /**
     * Loads a model.
     *
     * @param bytes the content of an ONNX file
     * @param name what the model is, for messages
     * @param threads threads that one invocation may use, at least 1
     * @throws InvalidInputException if the runtime refuses the file, or an input is no tensor of numbers with a batch axis
     */
    public static OnnxModel load(byte[] bytes, String name, int threads) {
        return load(bytes, name, threads, true);
    }

    /**
     * As {@link #load(byte[], String, int)}.
     *
     * @param optimized whether the runtime may fuse and reorder operators; without, it runs the graph node by node
     */
    public static OnnxModel load(byte[] bytes, String name, int threads, boolean optimized) {
        return opened(session(bytes, name, threads, optimized), name);
    }

    private static OnnxModel opened(OrtSession session, String name) {
        try {
            return withInputOf(session, name);
        } catch (OrtException e) {
            throw closing(session, refused(name, e));
        } catch (RuntimeException e) {
            throw closing(session, e);
        }
    }

    /**
     * As {@link #load(byte[], String, int, boolean)}, from a file: the runtime reads it, and no copy of it is in this process.
     */
    static OnnxModel load(Path file, int threads, boolean optimized) {
        String name = String.valueOf(file.getFileName());
        return opened(
                session(options -> environment().createSession(file.toString(), options), name, threads, optimized),
                name);
    }

    /** Makes a session of options. */
    @FunctionalInterface
    private interface Opener {
        OrtSession open(OrtSession.SessionOptions options) throws OrtException;
    }

    /** A session on the processor. @throws InvalidInputException if the runtime refuses the file */
    static OrtSession session(byte[] bytes, String name, int threads, boolean optimized) {
        return session(options -> environment().createSession(bytes, options), name, threads, optimized);
    }

    private static OrtSession session(Opener opener, String name, int threads, boolean optimized) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setOptimizationLevel(
                    optimized ? OrtSession.SessionOptions.OptLevel.ALL_OPT : OrtSession.SessionOptions.OptLevel.NO_OPT);
            // Waiting threads that spin take the time of what is measured next.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            return opener.open(options);
        } catch (OrtException e) {
            throw refused(name, e);
        }
    }

    private static OnnxModel withInputOf(OrtSession session, String name) throws OrtException {
        Map<String, NodeInfo> all = session.getInputInfo();
        if (all.isEmpty() || session.getOutputNames().size() != 1) {
            throw new InvalidInputException("model %s has %d inputs and %d outputs; give one with inputs and one output"
                    .formatted(
                            Names.shown(name),
                            all.size(),
                            session.getOutputNames().size()));
        }
        List<Input> inputs = new ArrayList<>();
        // In the file's order, which the runtime keeps.
        for (String inputName : session.getInputNames()) {
            NodeInfo node = all.get(inputName);
            if (node == null
                    || !(node.getInfo() instanceof TensorInfo info)
                    || (info.type != OnnxJavaType.FLOAT && info.type != OnnxJavaType.INT64)
                    || info.getShape().length < 2
                    || Arrays.stream(info.getShape()).skip(1).anyMatch(d -> d < 1 || d > Integer.MAX_VALUE)) {
                throw new InvalidInputException(
                        "the input %s of model %s is %s; give a model with tensors of float or int64 of shape (batch, fixed extents)"
                                .formatted(
                                        Names.shown(inputName),
                                        Names.shown(name),
                                        Names.shown(String.valueOf(node == null ? null : node.getInfo()))));
            }
            int[] extents = Arrays.stream(info.getShape())
                    .skip(1)
                    .mapToInt(Math::toIntExact)
                    .toArray();
            inputs.add(new Input(inputName, Shape.of(extents), info.type == OnnxJavaType.INT64));
        }
        return new OnnxModel(session, name, inputs);
    }

    /** The texts that the file keeps about itself, by key. */
    public Map<String, String> metadata() {
        try {
            return Map.copyOf(session.getMetadata().getCustomMetadata());
        } catch (OrtException e) {
            throw failed(name, e);
        }
    }

    /** The inputs in the file's order. */
    public List<Input> inputs() {
        return inputs;
    }

    /** The first input without the batch axis, as the file says: (C, H, W) for images. */
    public Shape inputShape() {
        return inputs.get(0).shape();
    }

    /**
     * Runs a model of one input.
     *
     * @param input {@code batch} inputs one after the other, row-major, NCHW for images
     * @param batch number of inputs, at least 1
     * @return the outputs one after the other, row-major: (batch, classes) for a classifier
     * @throws IllegalArgumentException if an input has another length than its shape times {@code batch}
     * @throws InvalidInputException if the runtime fails on the model
     */
    public float[] logits(float[] input, int batch) {
        return run(List.of(input), batch);
    }

    /**
     * Runs the model.
     *
     * @param values for each input {@code batch} samples one after the other, row-major; token numbers as whole floats
     * @param batch number of samples, at least 1
     * @return the outputs one after the other, row-major
     * @throws IllegalArgumentException if there are more or fewer values than the model's inputs take
     * @throws InvalidInputException if the runtime fails on the model
     */
    public float[] run(List<float[]> values, int batch) {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        try {
            tensors(values, batch, tensors);
            try (OrtSession.Result result = session.run(tensors)) {
                if (!(result.get(0) instanceof OnnxTensor output) || output.getInfo().type != OnnxJavaType.FLOAT) {
                    throw new InvalidInputException(
                            "the output of model %s is no float tensor; give a model with logits"
                                    .formatted(Names.shown(name)));
                }
                FloatBuffer buffer = output.getFloatBuffer();
                float[] logits = new float[buffer.remaining()];
                buffer.get(logits);
                return logits;
            }
        } catch (OrtException e) {
            throw failed(name, e);
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    private void tensors(List<float[]> values, int batch, Map<String, OnnxTensor> to) throws OrtException {
        if (values.size() != inputs.size()) {
            throw new IllegalArgumentException(
                    "Model %s has %d inputs, but got %d".formatted(name, inputs.size(), values.size()));
        }
        for (int i = 0; i < values.size(); i++) {
            to.put(inputs.get(i).name(), tensor(inputs.get(i), values.get(i), batch));
        }
    }

    /**
     * This model with inputs that stay in place, for timing. Closing the result closes the model.
     *
     * @throws IllegalArgumentException if an input has another length than its shape times {@code batch}
     */
    RunnableNetwork withInputs(List<float[]> values, int batch) {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        try {
            tensors(values, batch, tensors);
        } catch (OrtException e) {
            throw failed(name, e);
        }
        return new RunnableNetwork() {
            @Override
            public void run() {
                try (OrtSession.Result result = session.run(tensors)) {
                    // Nothing to read: the invocation ends with the result in memory.
                } catch (OrtException e) {
                    throw failed(name, e);
                }
            }

            @Override
            public void close() {
                tensors.values().forEach(OnnxTensor::close);
                OnnxModel.this.close();
            }
        };
    }

    private OnnxTensor tensor(Input of, float[] input, int batch) throws OrtException {
        if (batch < 1 || input.length != of.shape().elements() * batch) {
            throw new IllegalArgumentException("Model %s takes %d values for each of %d inputs of shape %s, not %d"
                    .formatted(name, of.shape().elements(), batch, of.shape(), input.length));
        }
        long[] shape = new long[of.shape().rank() + 1];
        shape[0] = batch;
        for (int i = 0; i < of.shape().rank(); i++) {
            shape[i + 1] = of.shape().extent(i);
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(
                        Math.multiplyExact(input.length, of.tokens() ? Long.BYTES : Float.BYTES))
                .order(ByteOrder.nativeOrder());
        if (of.tokens()) {
            LongBuffer numbers = buffer.asLongBuffer();
            for (float v : input) {
                numbers.put((long) v);
            }
            return OnnxTensor.createTensor(environment(), numbers.rewind(), shape);
        }
        return OnnxTensor.createTensor(
                environment(), buffer.asFloatBuffer().put(input).rewind(), shape);
    }

    /** Releases the session's memory. */
    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime could not release model " + name, e);
        }
    }

    /** What the runtime says, without its code before it. */
    private static String reason(OrtException e) {
        String message = String.valueOf(e.getMessage());
        int at = message.indexOf(MESSAGE);
        return at < 0 ? message : message.substring(at + MESSAGE.length());
    }

    static InvalidInputException failed(String name, OrtException e) {
        return new InvalidInputException(
                "ONNX Runtime failed on model %s: %s; the file may be for another operator set, export it again"
                        .formatted(Names.shown(name), Names.shown(reason(e))),
                e);
    }

    static InvalidInputException refused(String name, OrtException e) {
        return new InvalidInputException(
                "ONNX Runtime refuses model %s: %s; it is no ONNX file, or damaged, or for a newer runtime"
                        .formatted(Names.shown(name), Names.shown(reason(e))),
                e);
    }

    static RuntimeException closing(OrtSession session, RuntimeException e) {
        try {
            session.close();
        } catch (OrtException onClose) {
            e.addSuppressed(onClose);
        }
        return e;
    }

    /** There is one environment in a process; it writes errors alone, to the error stream, and all are thrown as well. */
    static OrtEnvironment environment() {
        return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "lathe");
    }
}
