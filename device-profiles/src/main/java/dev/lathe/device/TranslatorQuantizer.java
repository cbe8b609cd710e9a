package dev.lathe.device;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtSession;
import dev.lathe.graph.IncrementalOnnx;
import dev.lathe.graph.quant.OnnxQuantizer;
import dev.lathe.space.decode.TokenScorer;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The 8-bit form of a translator's two files, with ranges of activations that ONNX Runtime had while it translated. */
public final class TranslatorQuantizer {
    private final Map<String, double[]> encoder = new HashMap<>();
    private final Map<String, double[]> decoder = new HashMap<>();
    private final Set<String> encoderPoints;
    private final Set<String> decoderPoints;

    private TranslatorQuantizer(IncrementalOnnx.Files files) {
        this.encoderPoints = new HashSet<>(OnnxQuantizer.points(files.encoder()));
        this.decoderPoints = new HashSet<>(OnnxQuantizer.points(files.decoder()));
    }

    /**
     * Quantizes a translator. The same files and translations give the same bytes.
     *
     * @param files in float32
     * @param name what the translator is, for messages
     * @param translate has sentences translated, which the ranges are of
     * @throws dev.lathe.base.InvalidInputException if the runtime refuses the files
     */
    public static IncrementalOnnx.Files quantized(
            IncrementalOnnx.Files files, String name, Consumer<TokenScorer> translate) {
        TranslatorQuantizer q = new TranslatorQuantizer(files);
        IncrementalOnnx.Files observed = new IncrementalOnnx.Files(
                OnnxQuantizer.observed(files.encoder()), OnnxQuantizer.observed(files.decoder()));
        try (OnnxTranslator t = OnnxTranslator.load(observed, name, q::see)) {
            translate.accept(t);
        }
        return new IncrementalOnnx.Files(
                OnnxQuantizer.quantized(files.encoder(), q.encoder),
                OnnxQuantizer.quantized(files.decoder(), q.decoder));
    }

    private void see(OrtSession.Result result, boolean isEncoder) {
        Set<String> points = isEncoder ? encoderPoints : decoderPoints;
        Map<String, double[]> ranges = isEncoder ? encoder : decoder;
        for (Map.Entry<String, OnnxValue> e : result) {
            if (points.contains(e.getKey()) && e.getValue() instanceof OnnxTensor t) {
                double[] range = ranges.computeIfAbsent(
                        e.getKey(), k -> new double[] {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY});
                FloatBuffer values = t.getFloatBuffer();
                while (values.hasRemaining()) {
                    float v = values.get();
                    range[0] = Math.min(range[0], v);
                    range[1] = Math.max(range[1], v);
                }
            }
        }
    }
}
