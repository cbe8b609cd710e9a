package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import dev.lathe.graph.Graph;
import dev.lathe.graph.IncrementalGraph;
import dev.lathe.graph.Tensor;
import dev.lathe.space.decode.TokenScorer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A subnet of inherited weights that reads translations token by token, run by the executor on the shared parameters. */
final class GraphScorer implements TokenScorer {
    private static final float IMPOSSIBLE = -1e9f;

    /** What a batch holds, and of the token that was read last. */
    private static final class Batch {
        final NDManager manager;
        NDManager step;
        List<NDArray> kept = List.of();
        List<NDArray> caches = List.of();
        int position;
        int rows;
        int width = 1;

        Batch(NDManager manager) {
            this.manager = manager;
            this.step = manager.newSubManager();
        }
    }

    private final GraphExecutor executor;
    private final NDManager owner;
    private final IncrementalGraph graph;
    private final int vocabulary;
    private @Nullable Batch batch;

    /**
     * @param owner of the parameters
     * @param graph a translator's, cut, for sources of one length
     */
    GraphScorer(GraphExecutor executor, NDManager owner, IncrementalGraph graph) {
        this.executor = executor;
        this.owner = owner;
        this.graph = graph;
        this.vocabulary = graph.step(0).graph().output().shape().last();
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

    @Override
    public void begin(long[] source, int sentences) {
        end();
        Batch b = new Batch(owner.newSubManager());
        batch = b;
        b.rows = sentences;
        NDArray x = b.step.create(source, new Shape(sentences, source.length / sentences));
        NDArray[] values = executor.values(graph.prefix(), List.of(x), GraphExecutor.Mode.EVALUATE, null);
        List<NDArray> kept = new ArrayList<>();
        for (Tensor t : graph.kept()) {
            values[t.id()].attach(b.manager);
            kept.add(values[t.id()]);
        }
        b.kept = kept;
    }

    /** Scores of the next token (rows, 1, V), owned by the step. */
    private NDArray scores(Batch b, long[] tokens) {
        b.step.close();
        b.step = b.manager.newSubManager();
        IncrementalGraph.Step step = graph.step(b.position++);
        List<NDArray> inputs = new ArrayList<>();
        inputs.add(b.step.create(tokens, new Shape(tokens.length, 1)));
        inputs.addAll(b.kept);
        // What is made of them is then this step's, too.
        b.caches.forEach(c -> c.attach(b.step));
        inputs.addAll(b.caches);
        Graph g = step.graph();
        NDArray[] values = executor.values(g, inputs, GraphExecutor.Mode.EVALUATE, null);
        b.caches = step.caches().stream().map(t -> values[t.id()]).toList();
        return values[g.output().id()];
    }

    @Override
    public float[] scores(long[] tokens) {
        return scores(batch(), tokens).toFloatArray();
    }

    @Override
    public Candidates best(long[] tokens, float[] before, int sentences, int[] never, int count) {
        Batch b = batch();
        NDArray scores = scores(b, tokens);
        int rows = tokens.length;
        int words = (int) scores.getShape().get(2);
        b.width = rows / sentences;
        float[] excluded = new float[words];
        for (int token : never) {
            excluded[token] = IMPOSSIBLE;
        }
        NDArray all = scores.reshape(rows, words)
                .logSoftmax(1)
                .add(b.step.create(excluded))
                .add(b.step.create(before, new Shape(rows, 1)))
                .reshape(sentences, (long) b.width * words);
        NDList top = all.topK(count, 1);
        return new Candidates(top.get(0).toFloatArray(), top.get(1).toLongArray(), count);
    }

    @Override
    public void keep(int[] rows) {
        Batch b = batch();
        NDArray index = b.step.create(rows);
        b.caches = b.caches.stream().map(c -> gather(c, index, b.manager)).toList();
        if (!areOfSameSentences(rows, b)) {
            List<NDArray> kept = new ArrayList<>();
            for (NDArray a : b.kept) {
                kept.add(gather(a, index, b.manager));
                a.close();
            }
            b.kept = kept;
        }
        b.rows = rows.length;
    }

    /** Whether each row stays one of its sentence: what depends on the source alone stays in place. */
    private static boolean areOfSameSentences(int[] rows, Batch b) {
        boolean same = rows.length == b.rows;
        for (int i = 0; same && i < rows.length; i++) {
            same = rows[i] / b.width == i / b.width;
        }
        return same;
    }

    /** Some samples of an array, as rows of a table. */
    private static NDArray gather(NDArray x, NDArray index, NDManager owner) {
        long[] shape = x.getShape().getShape().clone();
        NDArray rows = x.reshape(shape[0], x.size() / shape[0]);
        shape[0] = index.size();
        NDArray taken = rows.getNDArrayInternal()
                .embedding(index.toType(DataType.INT64, false), rows, SparseFormat.DENSE)
                .singletonOrThrow()
                .reshape(new Shape(shape));
        rows.close();
        taken.attach(owner);
        return taken;
    }

    @Override
    public void end() {
        Batch b = batch;
        if (b != null) {
            b.step.close();
            b.manager.close();
            batch = null;
        }
    }
}
