package dev.lathe.device;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.graph.IncrementalOnnx;
import dev.lathe.space.decode.TokenScorer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A translator in ONNX Runtime, as the two files that {@link IncrementalOnnx} writes: the encoder runs once a batch, the decoder
 * once a token with the keys and values of the tokens before. On one thread of the processor.
 */
public final class OnnxTranslator implements TokenScorer, AutoCloseable {
    /** What a batch holds. */
    private static final class Batch {
        Map<String, Values> kept = new LinkedHashMap<>();
        Map<String, Values> earlier = new LinkedHashMap<>();
        int position;
        int width = 1;
    }

    /** A tensor whose first axis runs over rows. */
    @SuppressWarnings("ArrayRecordComponent") // a parcel, never compared
    private record Values(float[] values, long[] shape) {
        Values rows(int[] rows) {
            int length = values.length / Math.toIntExact(shape[0]);
            float[] taken = new float[rows.length * length];
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(values, rows[i] * length, taken, i * length, length);
            }
            long[] extents = shape.clone();
            extents[0] = rows.length;
            return new Values(taken, extents);
        }
    }

    private final OrtSession encoder;
    private final OrtSession decoder;
    private final String name;
    private final String source;
    private final String token;
    private final List<String> kept = new ArrayList<>();
    private final Map<String, long[]> earlier = new LinkedHashMap<>();
    private final String scores;
    private final int vocabulary;
    private final int positions;
    private final @Nullable Observer observer;
    private @Nullable Batch batch;

    /** Sees what each run of a session gave. */
    interface Observer {
        void see(OrtSession.Result result, boolean isEncoder) throws OrtException;
    }

    private OnnxTranslator(OrtSession encoder, OrtSession decoder, String name, @Nullable Observer observer)
            throws OrtException {
        this.observer = observer;
        this.encoder = encoder;
        this.decoder = decoder;
        this.name = name;
        if (encoder.getInputNames().size() != 1) {
            throw unlike("its encoder has %d inputs, not one"
                    .formatted(encoder.getInputNames().size()));
        }
        this.source = encoder.getInputNames().iterator().next();
        long[] shape = shape(encoder.getInputInfo().get(source), source, OnnxJavaType.INT64);
        if (shape.length != 2) {
            throw unlike("its encoder takes no tokens (batch, source)");
        }
        String first = "";
        boolean positioned = false;
        for (String input : decoder.getInputNames()) {
            if (input.equals(IncrementalOnnx.POSITION)) {
                positioned = true;
            } else if (input.endsWith(IncrementalOnnx.EARLIER)) {
                earlier.put(input, shape(decoder.getInputInfo().get(input), input, OnnxJavaType.FLOAT));
            } else if (encoder.getOutputNames().contains(input)) {
                kept.add(input);
            } else if (first.isEmpty()) {
                first = input;
            } else {
                throw unlike("its decoder takes '%s', which its encoder does not give".formatted(Names.shown(input)));
            }
        }
        if (first.isEmpty() || !positioned || earlier.isEmpty() || kept.isEmpty()) {
            throw unlike(
                    "its decoder takes no token, position, keys and values of earlier ones, or nothing of its encoder");
        }
        this.token = first;
        shape(decoder.getInputInfo().get(token), token, OnnxJavaType.INT64);
        this.scores = decoder.getOutputNames().iterator().next();
        for (String input : earlier.keySet()) {
            if (!decoder.getOutputNames().contains(all(input))) {
                throw unlike("its decoder does not give '%s'".formatted(Names.shown(all(input))));
            }
        }
        long[] out = shape(decoder.getOutputInfo().get(scores), scores, OnnxJavaType.FLOAT);
        if (out.length != 3 || out[2] < 2 || out[2] > Integer.MAX_VALUE) {
            throw unlike("its decoder gives no scores (batch, 1, vocabulary)");
        }
        this.vocabulary = (int) out[2];
        this.positions = positions();
    }

    private static String all(String input) {
        return input.substring(0, input.length() - IncrementalOnnx.EARLIER.length()) + IncrementalOnnx.ALL;
    }

    private int positions() throws OrtException {
        String text = decoder.getMetadata().getCustomMetadata().getOrDefault(IncrementalOnnx.POSITIONS, "");
        try {
            int n = Integer.parseInt(text);
            if (n > 0) {
                return n;
            }
        } catch (NumberFormatException e) {
            // The message below covers it.
        }
        throw unlike("it says '%s' of how many positions it knows".formatted(Names.shown(text)));
    }

    private long[] shape(@Nullable NodeInfo node, String tensor, OnnxJavaType type) {
        if (node != null && node.getInfo() instanceof TensorInfo t && t.type == type) {
            return t.getShape();
        }
        throw unlike("its '%s' is no tensor of %s".formatted(Names.shown(tensor), type));
    }

    private InvalidInputException unlike(String what) {
        return new InvalidInputException(
                "model %s is no encoder and decoder of a translator: %s; give the two files of one export"
                        .formatted(Names.shown(name), what));
    }

    /**
     * Loads both files.
     *
     * @param name what the translator is, for messages
     * @throws InvalidInputException if the runtime refuses a file, or they do not belong together
     */
    public static OnnxTranslator load(IncrementalOnnx.Files files, String name) {
        return load(files, name, null);
    }

    /** @param observer what sees all outputs, of which the files may have more than they need */
    static OnnxTranslator load(IncrementalOnnx.Files files, String name, @Nullable Observer observer) {
        OrtSession encoder = OnnxModel.session(files.encoder(), name + " (encoder)", 1, true);
        OrtSession decoder;
        try {
            decoder = OnnxModel.session(files.decoder(), name + " (decoder)", 1, true);
        } catch (RuntimeException e) {
            throw OnnxModel.closing(encoder, e);
        }
        try {
            return new OnnxTranslator(encoder, decoder, name, observer);
        } catch (OrtException e) {
            throw OnnxModel.closing(encoder, OnnxModel.closing(decoder, OnnxModel.refused(name, e)));
        } catch (RuntimeException e) {
            throw OnnxModel.closing(encoder, OnnxModel.closing(decoder, e));
        }
    }

    /** The texts that the decoder's file keeps about itself, by key. */
    public Map<String, String> metadata() {
        try {
            return Map.copyOf(decoder.getMetadata().getCustomMetadata());
        } catch (OrtException e) {
            throw OnnxModel.failed(name, e);
        }
    }

    @Override
    public int vocabulary() {
        return vocabulary;
    }

    private Batch batch() {
        if (batch == null) {
            throw new IllegalStateException("No batch was begun");
        }
        return batch;
    }

    /** @throws InvalidInputException if a sentence is longer than the model knows positions */
    @Override
    public void begin(long[] tokens, int sentences) {
        end();
        int length = tokens.length / sentences;
        requirePosition(length);
        Batch b = new Batch();
        try (OnnxTensor x = longs(tokens, sentences, length);
                OrtSession.Result result = encoder.run(Map.of(source, x))) {
            observe(result, true);
            for (String n : kept) {
                b.kept.put(n, values(result, n));
            }
        } catch (OrtException e) {
            throw OnnxModel.failed(name, e);
        }
        earlier.forEach((n, shape) -> {
            long[] none = shape.clone();
            none[0] = sentences;
            for (int i = 1; i < none.length; i++) {
                none[i] = Math.max(0, none[i]);
            }
            b.earlier.put(n, new Values(new float[0], none));
        });
        batch = b;
    }

    private void requirePosition(int length) {
        if (length > positions) {
            throw new InvalidInputException("model %s takes sentences of at most %d tokens, not %d; cut the sentence"
                    .formatted(Names.shown(name), positions, length));
        }
    }

    /** @throws InvalidInputException if the target is longer than the model knows positions, or the runtime fails on it */
    @Override
    public float[] scores(long[] tokens) {
        Batch b = batch();
        requirePosition(b.position + 1);
        long[] at = new long[tokens.length];
        Arrays.fill(at, b.position++);
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        try {
            inputs.put(token, longs(tokens, tokens.length, 1));
            inputs.put(IncrementalOnnx.POSITION, longs(at, tokens.length, 1));
            for (Map<String, Values> held : List.of(b.kept, b.earlier)) {
                for (Map.Entry<String, Values> e : held.entrySet()) {
                    inputs.put(
                            e.getKey(),
                            OnnxTensor.createTensor(
                                    OnnxModel.environment(),
                                    FloatBuffer.wrap(e.getValue().values()),
                                    e.getValue().shape()));
                }
            }
            try (OrtSession.Result result = decoder.run(inputs)) {
                observe(result, false);
                for (String n : earlier.keySet()) {
                    b.earlier.put(n, values(result, all(n)));
                }
                return values(result, scores).values();
            }
        } catch (OrtException e) {
            throw OnnxModel.failed(name, e);
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private void observe(OrtSession.Result result, boolean isEncoder) throws OrtException {
        if (observer != null) {
            observer.see(result, isEncoder);
        }
    }

    private static OnnxTensor longs(long[] values, int rows, int columns) throws OrtException {
        return OnnxTensor.createTensor(OnnxModel.environment(), LongBuffer.wrap(values), new long[] {rows, columns});
    }

    private Values values(OrtSession.Result result, String output) {
        if (result.get(output).orElse(null) instanceof OnnxTensor t && t.getInfo().type == OnnxJavaType.FLOAT) {
            FloatBuffer buffer = t.getFloatBuffer();
            float[] v = new float[buffer.remaining()];
            buffer.get(v);
            return new Values(v, t.getInfo().getShape());
        }
        throw unlike("its output '%s' is no float tensor".formatted(Names.shown(output)));
    }

    @Override
    public Candidates best(long[] tokens, float[] before, int sentences, int[] never, int count) {
        Batch b = batch();
        float[] all = scores(tokens);
        b.width = tokens.length / sentences;
        for (int r = 0; r < tokens.length; r++) {
            toLogProbabilities(all, r * vocabulary, before[r]);
            for (int t : never) {
                all[r * vocabulary + t] = Float.NEGATIVE_INFINITY;
            }
        }
        float[] values = new float[sentences * count];
        long[] places = new long[sentences * count];
        int words = b.width * vocabulary;
        for (int s = 0; s < sentences; s++) {
            top(all, s * words, words, values, places, s * count, count);
        }
        return new Candidates(values, places, count);
    }

    /** The logarithm of a row's softmax, and a number more. */
    private void toLogProbabilities(float[] scores, int from, float more) {
        float most = Float.NEGATIVE_INFINITY;
        for (int i = from; i < from + vocabulary; i++) {
            most = Math.max(most, scores[i]);
        }
        double sum = 0;
        for (int i = from; i < from + vocabulary; i++) {
            sum += Math.exp(scores[i] - most);
        }
        double norm = most + Math.log(sum);
        for (int i = from; i < from + vocabulary; i++) {
            scores[i] = (float) (scores[i] - norm) + more;
        }
    }

    /** The greatest values of a range in falling order with their places, the first of equal ones first. */
    private static void top(float[] x, int from, int length, float[] values, long[] places, int at, int count) {
        int n = 0;
        for (int i = 0; i < length; i++) {
            float v = x[from + i];
            if (n == count && v <= values[at + n - 1]) {
                continue;
            }
            int k = n == count ? n - 1 : n++;
            while (k > 0 && values[at + k - 1] < v) {
                values[at + k] = values[at + k - 1];
                places[at + k] = places[at + k - 1];
                k--;
            }
            values[at + k] = v;
            places[at + k] = i;
        }
    }

    @Override
    public void keep(int[] rows) {
        Batch b = batch();
        boolean same = rows.length == rowsOf(b);
        boolean inPlace = same;
        for (int i = 0; i < rows.length; i++) {
            same &= rows[i] / b.width == i / b.width;
            inPlace &= rows[i] == i;
        }
        if (!inPlace) {
            b.earlier.replaceAll((n, v) -> v.rows(rows));
        }
        if (!same) {
            // What depends on the source alone stays in place where each row stays one of its sentence.
            b.kept.replaceAll((n, v) -> v.rows(rows));
        }
    }

    private static int rowsOf(Batch b) {
        return Math.toIntExact(b.kept.values().iterator().next().shape()[0]);
    }

    @Override
    public void end() {
        batch = null;
    }

    /** Releases the sessions' memory. */
    @Override
    public void close() {
        try (decoder) {
            encoder.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime could not release model " + name, e);
        }
    }
}
