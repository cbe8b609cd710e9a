package dev.lathe.space.hat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The YAML form in which HAT's repository keeps its searched networks: ten keys, lists with one entry for each layer. */
public final class HatYaml {
    private static final int LONGEST_TEXT = 16_384;

    private static final String ENCODER_WIDTH = "encoder-embed-dim-subtransformer";
    private static final String DECODER_WIDTH = "decoder-embed-dim-subtransformer";
    private static final String ENCODER_FEED_FORWARD = "encoder-ffn-embed-dim-all-subtransformer";
    private static final String DECODER_FEED_FORWARD = "decoder-ffn-embed-dim-all-subtransformer";
    private static final String ENCODER_LAYERS = "encoder-layer-num-subtransformer";
    private static final String DECODER_LAYERS = "decoder-layer-num-subtransformer";
    private static final String ENCODER_HEADS = "encoder-self-attention-heads-all-subtransformer";
    private static final String DECODER_HEADS = "decoder-self-attention-heads-all-subtransformer";
    private static final String CROSS_HEADS = "decoder-ende-attention-heads-all-subtransformer";
    private static final String ATTENDED = "decoder-arbitrary-ende-attn-all-subtransformer";

    private static final List<String> KEYS = List.of(
            ENCODER_WIDTH,
            DECODER_WIDTH,
            ENCODER_FEED_FORWARD,
            DECODER_FEED_FORWARD,
            ENCODER_LAYERS,
            DECODER_LAYERS,
            ENCODER_HEADS,
            DECODER_HEADS,
            CROSS_HEADS,
            ATTENDED);

    private final HatSpace space;

    public HatYaml(HatSpace space) {
        this.space = space;
    }

    /** The keys in the repository's order; decoder lists have as many entries as there are decoder layers. */
    public String toText(Architecture a) {
        HatConfiguration c = space.configuration(a);
        List<Integer> codes =
                c.attended().stream().map(HatConfiguration::attendedCode).toList();
        StringBuilder b = new StringBuilder();
        line(b, ENCODER_WIDTH, c.encoderWidth());
        line(b, DECODER_WIDTH, c.decoderWidth());
        b.append('\n');
        line(b, ENCODER_FEED_FORWARD, c.encoderFeedForward());
        line(b, DECODER_FEED_FORWARD, c.decoderFeedForward());
        b.append('\n');
        line(b, ENCODER_LAYERS, c.encoderLayers());
        line(b, DECODER_LAYERS, c.decoderLayers());
        b.append('\n');
        line(b, ENCODER_HEADS, c.encoderHeads());
        line(b, DECODER_HEADS, c.decoderHeads());
        line(b, CROSS_HEADS, c.crossHeads());
        b.append('\n');
        line(b, ATTENDED, codes);
        return b.toString();
    }

    private static void line(StringBuilder b, String key, Object value) {
        b.append(key).append(": ").append(value).append('\n');
    }

    /**
     * The canonical architecture of a text. Lists may go on beyond the depth, up to the space's most layers; what they say there
     * is forgotten.
     *
     * @throws InvalidInputException if the text is no such YAML, or the space does not hold the network
     */
    public Architecture parse(String text) {
        JsonNode root = read(text);
        for (Iterator<String> names = root.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!KEYS.contains(name)) {
                throw InvalidInputException.unknown("key", name, KEYS);
            }
        }
        int encoderLayers = number(root, ENCODER_LAYERS);
        int decoderLayers = number(root, DECODER_LAYERS);
        int encoderMost = space.settings().encoderLayers();
        int decoderMost = space.settings().decoderLayers();
        List<Integer> attended = new ArrayList<>();
        for (int code : numbers(root, ATTENDED, decoderLayers, decoderMost)) {
            int layers = HatConfiguration.attendedLayers(code);
            if (layers == 0) {
                throw new InvalidInputException("%s has an entry of %d; write -1, 1 or 2 for the last 1, 2 or 3 layers"
                        .formatted(ATTENDED, code));
            }
            attended.add(layers);
        }
        return space.architecture(new HatConfiguration(
                number(root, ENCODER_WIDTH),
                numbers(root, ENCODER_FEED_FORWARD, encoderLayers, encoderMost),
                numbers(root, ENCODER_HEADS, encoderLayers, encoderMost),
                number(root, DECODER_WIDTH),
                numbers(root, DECODER_FEED_FORWARD, decoderLayers, decoderMost),
                numbers(root, DECODER_HEADS, decoderLayers, decoderMost),
                numbers(root, CROSS_HEADS, decoderLayers, decoderMost),
                attended));
    }

    private static JsonNode read(String text) {
        if (text.length() > LONGEST_TEXT) {
            throw new InvalidInputException("a network in HAT's YAML has at most %d characters, but this text has %d"
                    .formatted(LONGEST_TEXT, text.length()));
        }
        try {
            JsonNode root = Json.yaml().readTree(text);
            if (root.isObject()) {
                return root;
            }
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new InvalidInputException(
                    "'%s' is no YAML: %s".formatted(Names.shown(text), Names.shown(String.valueOf(e.getMessage()))), e);
        }
        throw new InvalidInputException(
                "'%s' is no network in HAT's YAML; write one 'key: value' in a line, keys are %s"
                        .formatted(Names.shown(text), String.join(", ", KEYS)));
    }

    private static JsonNode field(JsonNode root, String key) {
        JsonNode n = root.get(key);
        if (n == null) {
            throw new InvalidInputException("key %s is missing from a network in HAT's YAML".formatted(key));
        }
        return n;
    }

    private static int number(JsonNode root, String key) {
        JsonNode n = field(root, key);
        if (!n.isInt()) {
            throw new InvalidInputException(
                    "%s is '%s'; write a whole number".formatted(key, Names.shown(n.toString())));
        }
        return n.intValue();
    }

    /** The first {@code layers} entries of a list. */
    private static List<Integer> numbers(JsonNode root, String key, int layers, int most) {
        JsonNode n = field(root, key);
        boolean fits = n.isArray() && layers >= 1 && n.size() >= layers && n.size() <= most;
        List<Integer> list = new ArrayList<>();
        for (int i = 0; fits && i < n.size(); i++) {
            fits = n.get(i).isInt();
            if (i < layers) {
                list.add(n.get(i).intValue());
            }
        }
        if (!fits) {
            throw new InvalidInputException(
                    "%s is '%s'; write a list of whole numbers, one for each of the %d layers (1 to %d)"
                            .formatted(key, Names.shown(n.toString()), layers, most));
        }
        return list;
    }
}
