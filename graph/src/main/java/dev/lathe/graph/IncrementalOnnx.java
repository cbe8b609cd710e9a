package dev.lathe.graph;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A decoder and what it attends to as two ONNX files, by which a runtime decodes token by token; batch and lengths are open.
 *
 * <p>The encoder's file takes the source's tokens (batch, source) and gives all that decoding needs of them: keys and values of
 * every attention to the source, (batch, heads, source, width), and what hides padding. The decoder's file is run once a
 * token. It takes the token (batch, 1), its {@value #POSITION} from 0 (batch, 1), all outputs of the encoder under their names,
 * and keys and values of the positions before, named {@code NAME}{@value #EARLIER}, of which there are none at first: (batch,
 * heads, 0, width). It gives the scores of the next token (batch, 1, vocabulary), then keys and values with this position,
 * named {@code NAME}{@value #ALL}: the next token's {@code NAME}{@value #EARLIER}.
 *
 * <p>The same network, weights and metadata give the same bytes.
 */
public final class IncrementalOnnx {
    /** The decoder's input of positions. */
    public static final String POSITION = "position";
    /** Ends the names of the decoder's inputs of what the positions before left. */
    public static final String EARLIER = IncrementalGraph.EARLIER;
    /** Ends the names of the decoder's outputs for the position behind. */
    public static final String ALL = IncrementalGraph.ALL;
    /** Metadata: which of the two a file is. */
    public static final String PART = "part";
    /** Metadata: how many positions the files know, of source and target each. */
    public static final String POSITIONS = "positions";

    private static final String SOURCE = "source";
    private static final String BEFORE = "earlier";
    /** Any positions behind 0 do; so far apart that no multiple of a source's length has their difference. */
    private static final int NEAR = 3;

    private static final int FAR = NEAR + (1 << 20);

    /**
     * The files.
     *
     * @param encoder run once a sentence
     * @param decoder run once a token
     */
    @SuppressWarnings("ArrayRecordComponent") // a parcel, never compared
    public record Files(byte[] encoder, byte[] decoder) {}

    private IncrementalOnnx() {}

    /**
     * Writes both files.
     *
     * @param network a network's graph, cut
     * @param longer the same network's for a source of one token more
     * @param positions the most tokens of a source, and of a target
     * @param metadata kept in both files
     * @throws IllegalArgumentException naming the first node whose lengths cannot be left open
     */
    public static Files write(
            IncrementalGraph network,
            IncrementalGraph longer,
            WeightProvider weights,
            int positions,
            Map<String, String> metadata) {
        int length = sourceLength(network);
        DynamicAxes.Length source = new DynamicAxes.Length(SOURCE, length, length + 1);
        if (positions < 1 || sourceLength(longer) != length + 1) {
            throw new IllegalArgumentException(
                    "%d positions, sources of %d and %d tokens".formatted(positions, length, sourceLength(longer)));
        }
        DynamicAxes encoder = DynamicAxes.of(network.prefix(), longer.prefix(), List.of(source));
        IncrementalGraph.Step step = network.step(NEAR);
        DynamicAxes decoder = DynamicAxes.of(
                step.graph(), longer.step(FAR).graph(), List.of(new DynamicAxes.Length(BEFORE, NEAR, FAR), source));
        Map<String, String> about = new TreeMap<>(metadata);
        about.put(POSITIONS, Integer.toString(positions));
        about.put(PART, "encoder");
        byte[] first = OnnxWriter.write(encoder, network.kept(), positions, weights, about);
        about.put(PART, "decoder");
        List<Tensor> outputs = new java.util.ArrayList<>(List.of(step.graph().output()));
        outputs.addAll(step.caches());
        return new Files(first, OnnxWriter.write(decoder, outputs, positions, weights, about));
    }

    private static int sourceLength(IncrementalGraph network) {
        List<Tensor> inputs = network.prefix().inputs();
        if (inputs.size() != 1 || inputs.get(0).shape().rank() != 1) {
            throw new IllegalArgumentException(
                    "What does not depend on the target takes %s, not tokens".formatted(inputs));
        }
        return inputs.get(0).shape().last();
    }
}
