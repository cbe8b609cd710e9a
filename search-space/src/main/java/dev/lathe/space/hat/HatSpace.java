package dev.lathe.space.hat;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TranslationTask;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * HAT's encoder-decoder transformers. Elastic are the embedding widths of encoder and decoder, the decoder's depth, the
 * feed-forward width and heads of each layer, and to how many of the last encoder layers each decoder layer attends.
 *
 * <p>Blocks are normalized behind the residual sum (epsilon 1e-5), feed-forward networks use ReLU, positions are sinusoidal, no
 * normalization follows a stack. A decoder layer that attends to several encoder layers sees their outputs one after the
 * other along time, the last layer first. Token vectors are scaled by the root of the network's own width. The graph takes
 * source tokens (S) and target tokens (T) and gives scores (T, target vocabulary), teacher-forced.
 *
 * <p>All networks use leading rows and columns of the largest one's parameters; heads change no shape of a parameter.
 * Departures: positions are counted from 0 (the released code: from 2), and padding is not masked.
 *
 * @see <a href="https://arxiv.org/abs/2005.14187">Wang et al., HAT, ACL 2020</a>
 */
public final class HatSpace implements SearchSpace {
    private static final int LONGEST_SENTENCE = 1024;
    private static final int LARGEST_VOCABULARY = 1_000_000;
    /** Groups of decisions with one for each decoder layer: feed-forward, self heads, cross heads, attended layers. */
    private static final int DECODER_GROUPS = 4;

    private static final int ENCODER_WIDTH = 0;

    private record EncoderLayer(HatAttention attention, HatFeedForward feedForward) {}

    private record DecoderLayer(HatAttention attention, HatAttention cross, HatFeedForward feedForward) {}

    private final HatSettings settings;
    private final TranslationTask task;
    private final List<Decision> decisions;
    private final int encoderHeads;
    private final int decoderWidth;
    private final int decoderDepth;
    private final int decoderFeedForward;
    private final List<EncoderLayer> encoder = new ArrayList<>();
    private final List<DecoderLayer> decoder = new ArrayList<>();
    private final Operator positions;
    private final String sourceTable;
    private final String targetTable;

    /** @throws InvalidInputException if the space is not made for this task */
    public HatSpace(HatSettings settings, TranslationTask task) {
        requireTask(settings, task);
        this.settings = settings;
        this.task = task;
        int e = settings.encoderLayers();
        this.encoderHeads = ENCODER_WIDTH + 1 + e;
        this.decoderWidth = encoderHeads + e;
        this.decoderDepth = decoderWidth + 1;
        this.decoderFeedForward = decoderDepth + 1;
        this.decisions = List.copyOf(decisions(settings));
        for (int l = 0; l < e; l++) {
            String layer = "encoder" + l;
            encoder.add(new EncoderLayer(
                    new HatAttention(layer + ".attention", settings.attentionWidth()),
                    new HatFeedForward(layer + ".ffn")));
        }
        for (int l = 0; l < settings.decoderLayers(); l++) {
            String layer = "decoder" + l;
            decoder.add(new DecoderLayer(
                    new HatAttention(layer + ".attention", settings.attentionWidth()),
                    new HatAttention(layer + ".cross", settings.attentionWidth()),
                    new HatFeedForward(layer + ".ffn")));
        }
        this.positions = new Operator.SinusoidalPositions(settings.largestWidth());
        this.sourceTable = settings.jointDictionary() ? "embedding" : "encoder.embedding";
        this.targetTable = settings.jointDictionary() ? "embedding" : "decoder.embedding";
    }

    private static void requireTask(HatSettings settings, TranslationTask task) {
        if (settings.jointDictionary() && task.sourceVocabulary() != task.targetVocabulary()) {
            throw new InvalidInputException(
                    "%s has one vocabulary for source and target, but they have %d and %d tokens; use a joint vocabulary"
                            .formatted(settings.name(), task.sourceVocabulary(), task.targetVocabulary()));
        }
        if (Math.max(task.sourceVocabulary(), task.targetVocabulary()) > LARGEST_VOCABULARY
                || Math.max(task.sourceLength(), task.targetLength()) > LONGEST_SENTENCE) {
            throw new InvalidInputException(
                    "%s takes vocabularies of at most %d tokens and sentences of at most %d, not %s"
                            .formatted(settings.name(), LARGEST_VOCABULARY, LONGEST_SENTENCE, task));
        }
    }

    private static List<Decision> decisions(HatSettings s) {
        List<Decision> list = new ArrayList<>();
        list.add(decision("encoder.width", s.widths()));
        perLayer(list, "encoder", s.encoderLayers(), "ffn", s.feedForward());
        perLayer(list, "encoder", s.encoderLayers(), "heads", s.heads());
        list.add(decision("decoder.width", s.widths()));
        list.add(decision("decoder.layers", upTo(s.decoderLayers())));
        perLayer(list, "decoder", s.decoderLayers(), "ffn", s.feedForward());
        perLayer(list, "decoder", s.decoderLayers(), "heads", s.heads());
        perLayer(list, "decoder", s.decoderLayers(), "crossHeads", s.heads());
        perLayer(list, "decoder", s.decoderLayers(), "attended", upTo(HatSettings.MOST_ATTENDED));
        return list;
    }

    private static void perLayer(List<Decision> list, String stack, int layers, String what, List<Integer> choices) {
        for (int l = 0; l < layers; l++) {
            list.add(decision(stack + l + "." + what, choices));
        }
    }

    private static Decision decision(String name, List<Integer> choices) {
        return new Decision(name, choices.stream().map(Integer::doubleValue).toList());
    }

    private static List<Integer> upTo(int most) {
        return java.util.stream.IntStream.rangeClosed(1, most).boxed().toList();
    }

    @Override
    public String name() {
        return settings.name();
    }

    @Override
    public String description() {
        return settings.description();
    }

    @Override
    public TranslationTask task() {
        return task;
    }

    @Override
    public List<Decision> decisions() {
        return decisions;
    }

    public HatSettings settings() {
        return settings;
    }

    /** The value that an architecture chooses for a decision. */
    private int value(Architecture a, int decision) {
        return decisions.get(decision).intValue(a.choice(decision));
    }

    @Override
    public Architecture canonical(Architecture a) {
        check(a);
        int[] c = a.choices();
        int layers = settings.decoderLayers();
        for (int l = value(a, decoderDepth); l < layers; l++) {
            for (int i = 0; i < DECODER_GROUPS; i++) {
                c[decoderFeedForward + i * layers + l] = 0;
            }
        }
        return Architecture.of(name(), c);
    }

    @Override
    public BigInteger size() {
        BigInteger widths = BigInteger.valueOf(settings.widths().size());
        BigInteger feedForward = BigInteger.valueOf(settings.feedForward().size());
        BigInteger heads = BigInteger.valueOf(settings.heads().size());
        BigInteger encoders = feedForward.multiply(heads).pow(settings.encoderLayers());
        BigInteger layer = feedForward.multiply(heads.pow(2)).multiply(BigInteger.valueOf(HatSettings.MOST_ATTENDED));
        BigInteger decoders = BigInteger.ZERO;
        for (int depth = 1; depth <= settings.decoderLayers(); depth++) {
            decoders = decoders.add(layer.pow(depth));
        }
        return widths.pow(2).multiply(encoders).multiply(decoders);
    }

    @Override
    public Graph lower(Architecture a) {
        check(a);
        GraphBuilder g = new GraphBuilder(name());
        Tensor source = g.input("source", task.sourceLength());
        Tensor target = g.input("target", task.targetLength());
        Tensor[] memory = memory(g, encode(g, a, source), a);

        int width = value(a, decoderWidth);
        Tensor x = embed(g, "target", targetTable, task.targetVocabulary(), target, width);
        int layers = settings.decoderLayers();
        int depth = value(a, decoderDepth);
        for (int l = 0; l < depth; l++) {
            DecoderLayer layer = decoder.get(l);
            int at = decoderFeedForward + l;
            x = layer.attention.append(g, x, x, value(a, at + layers), true);
            Tensor attended = memory[value(a, at + 3 * layers)];
            x = layer.cross.append(g, x, attended, value(a, at + 2 * layers), false);
            x = layer.feedForward.append(g, x, value(a, at));
        }
        return g.build(g.add("scores", output(width), x));
    }

    /** The outputs of all encoder layers. */
    private Tensor[] encode(GraphBuilder g, Architecture a, Tensor source) {
        int width = value(a, ENCODER_WIDTH);
        Tensor x = embed(g, "source", sourceTable, task.sourceVocabulary(), source, width);
        Tensor[] outputs = new Tensor[settings.encoderLayers()];
        for (int l = 0; l < outputs.length; l++) {
            EncoderLayer layer = encoder.get(l);
            x = layer.attention.append(g, x, x, value(a, encoderHeads + l), false);
            x = layer.feedForward.append(g, x, value(a, ENCODER_WIDTH + 1 + l));
            outputs[l] = x;
        }
        return outputs;
    }

    /** What is attended to, by the number of layers; made once for all decoder layers, and only where one asks for it. */
    private Tensor[] memory(GraphBuilder g, Tensor[] outputs, Architecture a) {
        int last = outputs.length - 1;
        int depth = value(a, decoderDepth);
        Tensor[] memory = new Tensor[HatSettings.MOST_ATTENDED + 1];
        memory[1] = outputs[last];
        for (int n = 2; n < memory.length; n++) {
            for (int l = 0; l < depth; l++) {
                if (value(a, decoderFeedForward + 3 * settings.decoderLayers() + l) == n) {
                    memory[n] = n == 2
                            ? g.add("memory2", new Operator.Concat(0), outputs[last], outputs[last - 1])
                            : g.add(
                                    "memory3",
                                    new Operator.Concat(0),
                                    outputs[last],
                                    outputs[last - 1],
                                    outputs[last - 2]);
                    break;
                }
            }
        }
        return memory;
    }

    private Tensor embed(GraphBuilder g, String side, String table, int vocabulary, Tensor tokens, int width) {
        WeightSlice vectors = WeightSlice.first(table, vocabulary, width);
        Tensor x = g.add(side + ".embedding", new Operator.Embedding(vectors, (float) Math.sqrt(width)), tokens);
        return g.add(side + ".positions", positions, x);
    }

    private Operator output(int width) {
        return settings.jointDictionary()
                ? Operator.Linear.tied(WeightSlice.first(targetTable, task.targetVocabulary(), width))
                : new Operator.Linear(WeightSlice.first("output.weight", task.targetVocabulary(), width), null);
    }

    /** An architecture in HAT's terms. */
    public HatConfiguration configuration(Architecture a) {
        check(a);
        int layers = settings.decoderLayers();
        int depth = value(a, decoderDepth);
        return new HatConfiguration(
                value(a, ENCODER_WIDTH),
                values(a, ENCODER_WIDTH + 1, settings.encoderLayers()),
                values(a, encoderHeads, settings.encoderLayers()),
                value(a, decoderWidth),
                values(a, decoderFeedForward, depth),
                values(a, decoderFeedForward + layers, depth),
                values(a, decoderFeedForward + 2 * layers, depth),
                values(a, decoderFeedForward + 3 * layers, depth));
    }

    private List<Integer> values(Architecture a, int from, int count) {
        List<Integer> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(value(a, from + i));
        }
        return list;
    }

    /**
     * The canonical architecture of a configuration.
     *
     * @throws InvalidInputException if the space does not hold it, naming the decision and its choices
     */
    public Architecture architecture(HatConfiguration c) {
        if (c.encoderLayers() != settings.encoderLayers()) {
            throw new InvalidInputException("search space %s has %d encoder layers, not %d"
                    .formatted(name(), settings.encoderLayers(), c.encoderLayers()));
        }
        int[] choices = new int[decisions.size()];
        int layers = settings.decoderLayers();
        choose(choices, decoderDepth, List.of(c.decoderLayers()));
        choose(choices, ENCODER_WIDTH, List.of(c.encoderWidth()));
        choose(choices, ENCODER_WIDTH + 1, c.encoderFeedForward());
        choose(choices, encoderHeads, c.encoderHeads());
        choose(choices, decoderWidth, List.of(c.decoderWidth()));
        choose(choices, decoderFeedForward, c.decoderFeedForward());
        choose(choices, decoderFeedForward + layers, c.decoderHeads());
        choose(choices, decoderFeedForward + 2 * layers, c.crossHeads());
        choose(choices, decoderFeedForward + 3 * layers, c.attended());
        return Architecture.of(name(), choices);
    }

    private void choose(int[] choices, int from, List<Integer> values) {
        for (int i = 0; i < values.size(); i++) {
            Decision d = decisions.get(from + i);
            int choice = d.choices().indexOf(values.get(i).doubleValue());
            if (choice < 0) {
                throw new InvalidInputException("search space %s has no %s of %d; its choices are %s"
                        .formatted(
                                name(),
                                d.name(),
                                values.get(i),
                                d.choices().stream().map(Double::intValue).toList()));
            }
            choices[from + i] = choice;
        }
    }
}
