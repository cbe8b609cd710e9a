package dev.lathe.space.mcuformer;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Range;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.TaskShape;
import dev.lathe.space.mcuformer.TransformerNames.Factors;
import dev.lathe.space.mcuformer.TransformerNames.Named;
import java.util.List;

/** Lowers {@link TransformerSettings}: every slice is a leading one. */
final class TransformerGraph {
    private static final float EPSILON = 1e-5f;
    /** Largest distance that relative positions tell apart. */
    private static final int CLIP = 14;

    private static final Operator TO_TOKENS = new Operator.Transpose(List.of(1, 0));
    private static final Operator SWAP_HEADS = new Operator.Transpose(List.of(1, 0, 2));
    private static final Operator SOFTMAX = new Operator.Softmax();
    private static final Operator ADD = new Operator.Add();
    private static final Operator GELU = new Operator.Activate(Activation.GELU);
    private static final Operator MIX = new Operator.MatMul(false, 1f);

    private final GraphBuilder graph;
    private final TransformerSettings settings;
    private final PatchGrid grid;
    private final int tokens;
    private final float scale;

    private TransformerGraph(String name, TaskShape task, TransformerSettings settings) {
        this.graph = new GraphBuilder(name);
        this.settings = settings;
        this.grid = PatchGrid.of(task, settings.patch());
        this.tokens = grid.patches() + 1;
        this.scale = (float) (1 / Math.sqrt(settings.headWidth()));
    }

    /** The network: an image (C, H, W) in, logits (classes) out. */
    static Graph of(String name, TaskShape task, TransformerSettings settings, TransformerNames names) {
        return new TransformerGraph(name, task, settings).build(task, names);
    }

    private Graph build(TaskShape task, TransformerNames names) {
        int width = settings.width();
        int patch = settings.patch();
        Tensor x = graph.input("image", task.channels(), task.height(), task.width());
        x = graph.add(
                names.patch().node(),
                new Operator.Conv2d(
                        WeightSlice.first(names.patch().first(), width, task.channels(), patch, patch),
                        WeightSlice.first(names.patch().second(), width),
                        patch,
                        patch,
                        grid.paddingY(),
                        grid.paddingX(),
                        1),
                x);
        x = graph.add(names.flat(), new Operator.Reshape(Shape.of(width, grid.patches())), x);
        x = graph.add(names.tokens(), TO_TOKENS, x);
        Named token = names.classToken();
        x = graph.add(token.node(), new Operator.PrependToken(WeightSlice.first(token.first(), width)), x);
        Named position = names.position();
        x = graph.add(position.node(), new Operator.AddTable(WeightSlice.first(position.first(), tokens, width)), x);
        for (int l = 0; l < settings.blocks().size(); l++) {
            TransformerSettings.Block block = settings.blocks().get(l);
            x = attention(names.blocks().get(l), x, block.heads());
            x = mlp(names.blocks().get(l), x, block.hidden());
        }
        x = norm(names.norm(), x);
        x = graph.add(names.patchTokens(), new Operator.Slice(0, new Range(1, tokens)), x);
        x = graph.add(names.mean(), new Operator.MeanTokens(), x);
        return graph.build(linear(names.classifier(), x, task.classes(), true));
    }

    private Tensor attention(TransformerNames.Block names, Tensor x, int heads) {
        int inner = heads * settings.headWidth();
        int rank = settings.factoring().attentionRank();
        Tensor shared = factors(names.shared(), norm(names.attentionNorm(), x), rank);
        Tensor query = heads(names.query(), shared, heads);
        Tensor key = heads(names.key(), shared, heads);
        Tensor value = heads(names.value(), shared, heads);
        Tensor scores = graph.add(names.scores(), new Operator.MatMul(true, scale), query, key);
        if (settings.relativePositions()) {
            Named tables = names.relativeKeys();
            Tensor near = graph.add(
                    tables.node(),
                    new Operator.RelativeKeys(
                            relative(tables.first()), relative(tables.second()), grid.columns(), CLIP, scale),
                    query);
            scores = graph.add(names.scoresSum(), ADD, scores, near);
        }
        Tensor weights = graph.add(names.softmax(), SOFTMAX, scores);
        Tensor mixed = graph.add(names.mix(), MIX, weights, value);
        if (settings.relativePositions()) {
            Named tables = names.relativeValues();
            Tensor near = graph.add(
                    tables.node(),
                    new Operator.RelativeValues(
                            relative(tables.first()), relative(tables.second()), grid.columns(), CLIP),
                    weights);
            mixed = graph.add(names.mixSum(), ADD, mixed, near);
        }
        mixed = graph.add(names.mixTokens(), SWAP_HEADS, mixed);
        mixed = graph.add(names.mixJoin(), new Operator.Reshape(Shape.of(tokens, inner)), mixed);
        mixed = factors(names.project(), mixed, rank);
        return graph.add(names.attentionAdd(), ADD, x, linear(names.project().out(), mixed, settings.width(), true));
    }

    private Tensor heads(TransformerNames.Part names, Tensor shared, int heads) {
        Tensor t = linear(names.linear(), shared, heads * settings.headWidth(), true);
        t = graph.add(names.split(), new Operator.Reshape(Shape.of(tokens, heads, settings.headWidth())), t);
        return graph.add(names.heads(), SWAP_HEADS, t);
    }

    private Tensor mlp(TransformerNames.Block names, Tensor x, int hidden) {
        int rank = settings.factoring().mlpRank(settings.width(), hidden);
        Tensor y = factors(names.up(), norm(names.mlpNorm(), x), rank);
        y = linear(names.up().out(), y, hidden, true);
        y = graph.add(names.gelu(), GELU, y);
        y = factors(names.down(), y, rank);
        return graph.add(names.mlpAdd(), ADD, x, linear(names.down().out(), y, settings.width(), true));
    }

    /** All matrices of a low-rank layer but the last; nothing for a dense one. */
    private Tensor factors(Factors names, Tensor x, int rank) {
        int matrices = settings.factoring().matrices();
        Tensor y = matrices > 1 ? linear(names.in(), x, rank, false) : x;
        return matrices > 2 ? linear(names.middle(), y, rank, false) : y;
    }

    private WeightSlice relative(String table) {
        return WeightSlice.first(table, 2 * CLIP + 2, settings.headWidth());
    }

    private Tensor linear(Named names, Tensor x, int outputs, boolean bias) {
        return graph.add(
                names.node(),
                new Operator.Linear(
                        WeightSlice.first(names.first(), outputs, x.shape().last()),
                        bias ? WeightSlice.first(names.second(), outputs) : null),
                x);
    }

    private Tensor norm(Named names, Tensor x) {
        int width = settings.width();
        return graph.add(
                names.node(),
                new Operator.LayerNorm(
                        WeightSlice.first(names.first(), width), WeightSlice.first(names.second(), width), EPSILON),
                x);
    }
}
