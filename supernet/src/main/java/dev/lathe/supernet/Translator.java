package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.graph.Graph;
import dev.lathe.graph.IncrementalGraph;
import dev.lathe.graph.IncrementalOnnx;
import dev.lathe.graph.Node;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TranslationTask;
import dev.lathe.space.decode.TokenScorer;
import dev.lathe.supernet.text.Bleu;
import dev.lathe.supernet.text.SentencePairs;
import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Trained shared parameters of a space of translators, and every subnet in them. Deterministic: the same architecture gives
 * the same translations each time.
 */
public final class Translator implements AutoCloseable {
    private static final int BATCH_TOKENS = 2048;

    private final Function<TranslationTask, SearchSpace> spaces;
    private final SharedParameters parameters;
    private final TranslationData data;
    private final GraphExecutor executor;

    /**
     * Takes ownership of the parameters: closing this closes them.
     *
     * @param spaces the space by the sentences' lengths
     */
    public Translator(
            Function<TranslationTask, SearchSpace> spaces, SharedParameters parameters, TranslationData data) {
        this.spaces = spaces;
        this.parameters = parameters;
        this.data = data;
        this.executor = new GraphExecutor(parameters);
    }

    /**
     * The translators that a training left.
     *
     * @throws InvalidInputException if the file is missing, damaged, or of another space or data set
     */
    public static Translator load(Path checkpoint, Function<TranslationTask, SearchSpace> spaces, TranslationData data)
            throws IOException {
        SearchSpace space = spaces.apply(data.task());
        ParameterLayout layout = ParameterLayout.of(space);
        SupernetCheckpoint c = SupernetCheckpoint.read(checkpoint, space, layout, data.fingerprint());
        return new Translator(spaces, SharedParameters.of(c.layout(), c.parameters()), data);
    }

    public TranslationData data() {
        return data;
    }

    public SharedParameters parameters() {
        return parameters;
    }

    /** Mean cross-entropy of a subnet with inherited weights, in nats a token, teacher-forced. */
    public double crossEntropy(Architecture a, SentencePairs part) {
        double sum = 0;
        long tokens = 0;
        int[] order = IntStream.range(0, part.size()).toArray();
        for (int[] group : TextBatches.groups(part, order, BATCH_TOKENS)) {
            TextBatches.Batch b =
                    TextBatches.batch(spaces, part, group, data.vocabulary().size());
            try (NDManager step = parameters.manager().newSubManager()) {
                NDArray scores =
                        executor.forward(b.sized().lower(a), b.inputs(step), GraphExecutor.Mode.EVALUATE, null);
                NDArray loss = scores.reshape(b.rows(), b.classes())
                        .logSoftmax(1)
                        .mul(b.target(step, 0))
                        .sum();
                sum += (double) loss.getFloat() * b.tokens();
            }
            tokens += b.tokens();
        }
        return sum / tokens;
    }

    /**
     * Scores of a subnet, for comparing with other runtimes.
     *
     * @param source (sentences, S) tokens, the end, padding
     * @param target (sentences, T) the beginning, tokens, padding
     * @return (sentences, T, V), row-major
     */
    public float[] scores(Architecture a, long[] source, long[] target, int sentences) {
        int s = source.length / sentences;
        int t = target.length / sentences;
        Graph graph = space(s, t).lower(a);
        try (NDManager step = parameters.manager().newSubManager()) {
            List<NDArray> inputs =
                    List.of(step.create(source, new Shape(sentences, s)), step.create(target, new Shape(sentences, t)));
            return executor.forward(graph, inputs, GraphExecutor.Mode.EVALUATE, null)
                    .toFloatArray();
        }
    }

    /** All pairs of a part, filled up to one length. */
    TextBatches.Batch batch(SentencePairs part) {
        int[] all = IntStream.range(0, part.size()).toArray();
        return TextBatches.batch(spaces, part, all, data.vocabulary().size());
    }

    /** The subnet's weights, cut out. */
    public ExtractedWeights extract(Architecture a) {
        Map<WeightSlice, float[]> values = new HashMap<>();
        for (Node node : spaces.apply(data.task()).lower(a).nodes()) {
            for (ParameterUse use : node.op().parameters()) {
                values.put(use.slice(), parameters.values(use));
            }
        }
        return new ExtractedWeights(values);
    }

    private SearchSpace space(int sourceLength, int targetLength) {
        int v = data.vocabulary().size();
        return spaces.apply(new TranslationTask(v, v, sourceLength, targetLength));
    }

    /**
     * Translates with a subnet of inherited weights.
     *
     * @param beam beginnings that are followed at once, 1 for greedy decoding
     * @param lengthPenalty power of the length that a translation's log-probability is divided by; 1 compares means
     * @return a line for each sentence, in the part's order
     */
    public List<String> translate(
            Architecture a, SentencePairs part, int beam, double lengthPenalty, ProgressListener progress) {
        return Translations.of(length -> scorer(a, length), part, data.vocabulary(), beam, lengthPenalty, progress);
    }

    /**
     * A subnet that reads translations token by token.
     *
     * @param sourceLength tokens of every source, its end counted
     */
    public TokenScorer scorer(Architecture a, int sourceLength) {
        return new GraphScorer(executor, parameters.manager(), cut(a, sourceLength));
    }

    /** A subnet's graph cut for decoding. */
    private IncrementalGraph cut(Architecture a, int sourceLength) {
        // The target's length is that of a whole graph, of which the positions' graphs know nothing.
        Graph whole = space(sourceLength, 2).lower(a);
        return new IncrementalGraph(whole, whole.inputs().get(1));
    }

    /**
     * A subnet as two ONNX files for decoding token by token.
     *
     * @param positions the most tokens of a source, and of a target
     * @param metadata kept in both files
     */
    public IncrementalOnnx.Files export(Architecture a, int positions, Map<String, String> metadata) {
        return IncrementalOnnx.write(cut(a, 1), cut(a, 2), extract(a), positions, metadata);
    }

    /** BLEU of a subnet's translations against the part's own, see {@link #translate}. */
    public Bleu bleu(Architecture a, SentencePairs part, int beam, double lengthPenalty, ProgressListener progress) {
        return Bleu.of(translate(a, part, beam, lengthPenalty, progress), part.references());
    }

    @Override
    public void close() {
        parameters.close();
    }
}
