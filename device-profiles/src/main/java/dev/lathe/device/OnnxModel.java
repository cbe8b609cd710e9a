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
import java.util.Arrays;
import java.util.Map;

/**
 * A model file in ONNX Runtime: one float32 input of shape (batch, ...), one float32 output of shape (batch, classes), on
 * the processor. {@link #logits} may be called by several threads at once; nothing may be called after {@link #close}.
 */
public final class OnnxModel implements AutoCloseable {
    private static final String MESSAGE = "message: ";

    private final OrtSession session;
    private final String name;
    private final String inputName;
    private final Shape inputShape;

    private OnnxModel(OrtSession session, String name, String inputName, Shape inputShape) {
        this.session = session;
        this.name = name;
        this.inputName = inputName;
        this.inputShape = inputShape;
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
     * @throws InvalidInputException if the runtime refuses the file, or its input is not one float tensor with a batch axis
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
     * @throws InvalidInputException if the runtime refuses the file, or its input is not one float tensor with a batch axis
     */
    public static OnnxModel load(byte[] bytes, String name, int threads) {
        OrtSession session;
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            // Waiting threads that spin take the time of what is measured next.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            session = environment().createSession(bytes, options);
        } catch (OrtException e) {
            throw refused(name, e);
        }
        try {
            return withInputOf(session, name);
        } catch (OrtException e) {
            throw closing(session, refused(name, e));
        } catch (RuntimeException e) {
            throw closing(session, e);
        }
    }

    private static OnnxModel withInputOf(OrtSession session, String name) throws OrtException {
        Map<String, NodeInfo> inputs = session.getInputInfo();
        if (inputs.size() != 1 || session.getOutputNames().size() != 1) {
            throw new InvalidInputException("model %s has %d inputs and %d outputs; give one with one of each"
                    .formatted(
                            Names.shown(name),
                            inputs.size(),
                            session.getOutputNames().size()));
        }
        Map.Entry<String, NodeInfo> input = inputs.entrySet().iterator().next();
        if (!(input.getValue().getInfo() instanceof TensorInfo info)
                || info.type != OnnxJavaType.FLOAT
                || info.getShape().length < 2
                || Arrays.stream(info.getShape()).skip(1).anyMatch(d -> d < 1 || d > Integer.MAX_VALUE)) {
            throw new InvalidInputException(
                    "the input of model %s is %s; give a model with a float tensor of shape (batch, fixed extents)"
                            .formatted(
                                    Names.shown(name),
                                    Names.shown(String.valueOf(input.getValue().getInfo()))));
        }
        int[] extents = Arrays.stream(info.getShape())
                .skip(1)
                .mapToInt(Math::toIntExact)
                .toArray();
        return new OnnxModel(session, name, input.getKey(), Shape.of(extents));
    }

    /** The input without the batch axis, as the file says: (C, H, W) for images. */
    public Shape inputShape() {
        return inputShape;
    }

    /**
     * Runs the model.
     *
     * @param input {@code batch} inputs one after the other, row-major, NCHW for images
     * @param batch number of inputs, at least 1
     * @return the outputs one after the other, row-major: (batch, classes) for a classifier
     * @throws IllegalArgumentException if the input has another length than the model's input shape times {@code batch}
     * @throws InvalidInputException if the runtime fails on the model
     */
    public float[] logits(float[] input, int batch) {
        try (OnnxTensor tensor = tensor(input, batch);
                OrtSession.Result result = session.run(Map.of(inputName, tensor))) {
            if (!(result.get(0) instanceof OnnxTensor output) || output.getInfo().type != OnnxJavaType.FLOAT) {
                throw new InvalidInputException("the output of model %s is no float tensor; give a model with logits"
                        .formatted(Names.shown(name)));
            }
            FloatBuffer buffer = output.getFloatBuffer();
            float[] logits = new float[buffer.remaining()];
            buffer.get(logits);
            return logits;
        } catch (OrtException e) {
            throw failed(e);
        }
    }

    /**
     * This model with one input that stays in place, for timing. Closing the result closes the model.
     *
     * @throws IllegalArgumentException if the input has another length than the model's input shape times {@code batch}
     */
    RunnableNetwork withInput(float[] input, int batch) {
        OnnxTensor tensor;
        try {
            tensor = tensor(input, batch);
        } catch (OrtException e) {
            throw failed(e);
        }
        Map<String, OnnxTensor> inputs = Map.of(inputName, tensor);
        return new RunnableNetwork() {
            @Override
            public void run() {
                try (OrtSession.Result result = session.run(inputs)) {
                    // Nothing to read: the invocation ends with the result in memory.
                } catch (OrtException e) {
                    throw failed(e);
                }
            }

            @Override
            public void close() {
                tensor.close();
                OnnxModel.this.close();
            }
        };
    }

    private OnnxTensor tensor(float[] input, int batch) throws OrtException {
        if (batch < 1 || input.length != inputShape.elements() * batch) {
            throw new IllegalArgumentException("Model %s takes %d values for each of %d inputs of shape %s, not %d"
                    .formatted(name, inputShape.elements(), batch, inputShape, input.length));
        }
        FloatBuffer buffer = ByteBuffer.allocateDirect(Math.multiplyExact(input.length, Float.BYTES))
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer()
                .put(input)
                .rewind();
        long[] shape = new long[inputShape.rank() + 1];
        shape[0] = batch;
        for (int i = 0; i < inputShape.rank(); i++) {
            shape[i + 1] = inputShape.extent(i);
        }
        return OnnxTensor.createTensor(environment(), buffer, shape);
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

    private InvalidInputException failed(OrtException e) {
        return new InvalidInputException(
                "ONNX Runtime failed on model %s: %s; the file may be for another operator set, export it again"
                        .formatted(Names.shown(name), Names.shown(reason(e))),
                e);
    }

    private static InvalidInputException refused(String name, OrtException e) {
        return new InvalidInputException(
                "ONNX Runtime refuses model %s: %s; it is no ONNX file, or damaged, or for a newer runtime"
                        .formatted(Names.shown(name), Names.shown(reason(e))),
                e);
    }

    private static RuntimeException closing(OrtSession session, RuntimeException e) {
        try {
            session.close();
        } catch (OrtException onClose) {
            e.addSuppressed(onClose);
        }
        return e;
    }

    /** There is one environment in a process; it writes errors alone, to the error stream, and all are thrown as well. */
    private static OrtEnvironment environment() {
        return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "lathe");
    }
}
