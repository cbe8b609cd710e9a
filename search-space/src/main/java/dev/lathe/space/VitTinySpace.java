package dev.lathe.space;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Vision transformers at the scale of small images, with the elastic dimensions of MCUFormer: patch size, embedding width,
 * depth, heads and MLP ratio of each layer, one low-rank ratio.
 *
 * <p>Patch convolution (kernel = stride), learned positions, pre-norm blocks (attention, MLP with exact GELU), a last layer
 * norm, the mean of the tokens, a linear classifier. The width of q, k and v is heads x 16, independent of the embedding.
 * Both MLP layers are products of two factors of rank {@code ratio x min(width, hidden)}; the bias sits on the second.
 *
 * <p>Departures from MCUFormer, for the scale: no class token and no relative positions; head width 16 instead of 64; two
 * factors instead of three, on the MLP only; q, k and v are separate tensors (no interleaved rows, whose bias slice the
 * released code gets wrong); the blocks are shared between patch sizes, patch convolution and positions are not.
 *
 * @see <a href="https://arxiv.org/abs/2310.16898">Liang et al., MCUFormer, NeurIPS 2023</a>
 */
public final class VitTinySpace implements SearchSpace {
    public static final String NAME = "vit-tiny";

    private static final int HEAD_WIDTH = 16;
    private static final int LAYERS = 4;
    private static final int PER_LAYER = 2;
    private static final int PATCH = 0;
    private static final int WIDTH = 1;
    private static final int RANK = 2;
    private static final int DEPTH = 3;
    private static final int FIRST_LAYER = 4;
    private static final float EPSILON = 1e-5f;

    private final TaskShape task;
    private final List<Decision> decisions;

    public VitTinySpace(TaskShape task) {
        int side = task.height();
        if (side != task.width() || side % 8 != 0 || side > 256) {
            throw new InvalidInputException(
                    "%s takes square images whose side is a multiple of 8 up to 256, not %d x %d; set imageSize"
                            .formatted(NAME, task.height(), task.width()));
        }
        this.task = task;
        List<Decision> list = new ArrayList<>();
        list.add(Decision.of("patch", side / 4, side / 2));
        list.add(Decision.of("width", 48, 56, 64));
        list.add(Decision.of("rank", 0.5, 0.75, 1.0));
        list.add(Decision.of("depth", 2, 3, 4));
        for (int l = 0; l < LAYERS; l++) {
            list.add(Decision.of("layer%d.heads".formatted(l), 2, 3, 4));
            list.add(Decision.of("layer%d.mlp".formatted(l), 1, 1.25, 1.5, 2));
        }
        this.decisions = List.copyOf(list);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return "vision transformers with elastic patch, width, depth, heads, MLP ratio and rank (MCUFormer's structure) for small images";
    }

    @Override
    public TaskShape task() {
        return task;
    }

    @Override
    public List<Decision> decisions() {
        return decisions;
    }

    @Override
    public Architecture canonical(Architecture a) {
        check(a);
        int[] c = a.choices();
        int depth = decisions.get(DEPTH).intValue(c[DEPTH]);
        for (int i = FIRST_LAYER + PER_LAYER * depth; i < c.length; i++) {
            c[i] = 0;
        }
        return Architecture.of(NAME, c);
    }

    @Override
    public BigInteger size() {
        long layer = (long) decisions.get(FIRST_LAYER).size()
                * decisions.get(FIRST_LAYER + 1).size();
        long stacks = 0;
        long chain = 1;
        for (int depth = 1; depth <= LAYERS; depth++) {
            chain *= layer;
            stacks += depth >= decisions.get(DEPTH).intValue(0) ? chain : 0;
        }
        long outer = 1;
        for (int i = 0; i < DEPTH; i++) {
            outer *= decisions.get(i).size();
        }
        return BigInteger.valueOf(outer * stacks);
    }

    /** One largest network for each patch size: patch sizes share neither convolution nor positions. */
    @Override
    public List<Architecture> covering() {
        return withEachPatch(largest());
    }

    /** One smallest network for each patch size. */
    @Override
    public List<Architecture> floors() {
        return withEachPatch(smallest());
    }

    private List<Architecture> withEachPatch(Architecture a) {
        List<Architecture> all = new ArrayList<>();
        for (int p = 0; p < decisions.get(PATCH).size(); p++) {
            int[] c = a.choices();
            c[PATCH] = p;
            all.add(Architecture.of(NAME, c));
        }
        return all;
    }

    /** The most computation: the smallest patch, so that there are the most tokens, and the last choice of all else. */
    @Override
    public Architecture largest() {
        int[] c = decisions.stream().mapToInt(d -> d.size() - 1).toArray();
        c[PATCH] = 0;
        return Architecture.of(NAME, c);
    }

    /** The least computation: the largest patch, and the first choice of all else. */
    @Override
    public Architecture smallest() {
        int[] c = new int[decisions.size()];
        c[PATCH] = decisions.get(PATCH).size() - 1;
        return canonical(Architecture.of(NAME, c));
    }

    @Override
    public Graph lower(Architecture a) {
        check(a);
        int patch = decisions.get(PATCH).intValue(a.choice(PATCH));
        int width = decisions.get(WIDTH).intValue(a.choice(WIDTH));
        double rank = decisions.get(RANK).value(a.choice(RANK));
        int depth = decisions.get(DEPTH).intValue(a.choice(DEPTH));
        GraphBuilder g = new GraphBuilder(NAME);
        Tensor x = g.input("image", task.channels(), task.height(), task.width());
        String embed = "patch" + patch;
        x = g.add(
                embed + ".conv",
                new Operator.Conv2d(
                        WeightSlice.first(embed + ".weight", width, task.channels(), patch, patch),
                        WeightSlice.first(embed + ".bias", width),
                        patch,
                        0,
                        1),
                x);
        int tokens = x.shape().extent(1) * x.shape().extent(2);
        x = g.add(embed + ".flat", new Operator.Reshape(Shape.of(width, tokens)), x);
        x = g.add(embed + ".tokens", new Operator.Transpose(List.of(1, 0)), x);
        x = g.add(embed + ".position", new Operator.AddTable(WeightSlice.first(embed + ".position", tokens, width)), x);
        for (int l = 0; l < depth; l++) {
            int at = FIRST_LAYER + PER_LAYER * l;
            int heads = decisions.get(at).intValue(a.choice(at));
            int hidden = (int) Math.round(width * decisions.get(at + 1).value(a.choice(at + 1)));
            String layer = "layer" + l;
            x = attention(g, layer, x, tokens, width, heads);
            x = mlp(g, layer, x, width, hidden, (int) Math.round(rank * Math.min(width, hidden)));
        }
        x = layerNorm(g, "last.norm", x, width);
        x = g.add("mean", new Operator.MeanTokens(), x);
        x = linear(g, "logits", "classifier", x, task.classes(), true);
        return g.build(x);
    }

    private static Tensor attention(GraphBuilder g, String layer, Tensor x, int tokens, int width, int heads) {
        int inner = heads * HEAD_WIDTH;
        Tensor n = layerNorm(g, layer + ".attention.norm", x, width);
        Tensor[] parts = new Tensor[3];
        String[] names = {"query", "key", "value"};
        for (int i = 0; i < parts.length; i++) {
            String name = layer + "." + names[i];
            Tensor t = linear(g, name, name, n, inner, true);
            t = g.add(name + ".split", new Operator.Reshape(Shape.of(tokens, heads, HEAD_WIDTH)), t);
            parts[i] = g.add(name + ".heads", new Operator.Transpose(List.of(1, 0, 2)), t);
        }
        Tensor scores = g.add(
                layer + ".scores", new Operator.MatMul(true, (float) (1 / Math.sqrt(HEAD_WIDTH))), parts[0], parts[1]);
        Tensor weights = g.add(layer + ".softmax", new Operator.Softmax(), scores);
        Tensor mixed = g.add(layer + ".mix", new Operator.MatMul(false, 1f), weights, parts[2]);
        mixed = g.add(layer + ".mix.tokens", new Operator.Transpose(List.of(1, 0, 2)), mixed);
        mixed = g.add(layer + ".mix.join", new Operator.Reshape(Shape.of(tokens, inner)), mixed);
        Tensor y = linear(g, layer + ".project", layer + ".project", mixed, width, true);
        return g.add(layer + ".attention.add", new Operator.Add(), x, y);
    }

    private static Tensor mlp(GraphBuilder g, String layer, Tensor x, int width, int hidden, int rank) {
        Tensor y = layerNorm(g, layer + ".mlp.norm", x, width);
        y = linear(g, layer + ".up.in", layer + ".up.in", y, rank, false);
        y = linear(g, layer + ".up.out", layer + ".up.out", y, hidden, true);
        y = g.add(layer + ".gelu", new Operator.Activate(Activation.GELU), y);
        y = linear(g, layer + ".down.in", layer + ".down.in", y, rank, false);
        y = linear(g, layer + ".down.out", layer + ".down.out", y, width, true);
        return g.add(layer + ".mlp.add", new Operator.Add(), x, y);
    }

    private static Tensor linear(GraphBuilder g, String node, String parameter, Tensor x, int outputs, boolean bias) {
        return g.add(
                node,
                new Operator.Linear(
                        WeightSlice.first(
                                parameter + ".weight", outputs, x.shape().last()),
                        bias ? WeightSlice.first(parameter + ".bias", outputs) : null),
                x);
    }

    private static Tensor layerNorm(GraphBuilder g, String name, Tensor x, int width) {
        return g.add(
                name,
                new Operator.LayerNorm(
                        WeightSlice.first(name + ".scale", width), WeightSlice.first(name + ".shift", width), EPSILON),
                x);
    }
}
