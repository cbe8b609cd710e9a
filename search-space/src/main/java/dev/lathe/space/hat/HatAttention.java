package dev.lathe.space.hat;

import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Range;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import java.util.List;

/**
 * A residual block of multi-head attention, normalized behind the sum. Names are made once, because lowering runs for every
 * candidate of a search.
 *
 * <p>Queries, keys and values come from one stacked matrix {@code qkv} (3 · attention width, largest width): a third of its
 * rows each, and as many leading columns as the input is wide. Heads only reshape what it gives.
 */
final class HatAttention {
    private static final List<Integer> HEADS_FIRST = List.of(1, 0, 2);

    /** One of queries, keys and values. */
    private record Part(String name, String split, String heads, Range rows) {
        static Part of(String block, String part, int index, int width) {
            String name = block + "." + part;
            return new Part(name, name + ".split", name + ".heads", new Range(index * width, (index + 1) * width));
        }
    }

    private final int width;
    private final Part query;
    private final Part key;
    private final Part value;
    private final String weight;
    private final String bias;
    private final String scores;
    private final String softmax;
    private final String mix;
    private final String tokens;
    private final String join;
    private final HatLinear out;
    private final HatResidual residual;

    /** @param width of queries, keys and values of all heads together */
    HatAttention(String name, int width) {
        this.width = width;
        this.query = Part.of(name, "query", 0, width);
        this.key = Part.of(name, "key", 1, width);
        this.value = Part.of(name, "value", 2, width);
        this.weight = name + ".qkv.weight";
        this.bias = name + ".qkv.bias";
        this.scores = name + ".scores";
        this.softmax = name + ".softmax";
        this.mix = name + ".mix";
        this.tokens = name + ".mix.tokens";
        this.join = name + ".mix.join";
        this.out = new HatLinear(name + ".out");
        this.residual = new HatResidual(name);
    }

    /**
     * @param x what asks and is added to, (T, d)
     * @param memory what is attended to, (S, e)
     * @param causal whether a token sees itself and those before it only
     * @return (T, d)
     */
    Tensor append(GraphBuilder g, Tensor x, Tensor memory, int heads, boolean causal) {
        float scale = (float) (1 / Math.sqrt((double) width / heads));
        Tensor q = project(g, query, x, heads);
        Tensor k = project(g, key, memory, heads);
        Tensor v = project(g, value, memory, heads);
        Tensor s = g.add(scores, new Operator.MatMul(true, scale), q, k);
        s = g.add(softmax, new Operator.Softmax(causal), s);
        Tensor y = g.add(mix, new Operator.MatMul(false, 1f), s, v);
        y = g.add(tokens, new Operator.Transpose(HEADS_FIRST), y);
        y = g.add(join, new Operator.Reshape(Shape.of(x.shape().extent(0), width)), y);
        y = out.append(g, y, x.shape().last());
        return residual.append(g, x, y);
    }

    private Tensor project(GraphBuilder g, Part part, Tensor x, int heads) {
        WeightSlice w = WeightSlice.of(weight, part.rows, Range.first(x.shape().last()));
        Tensor y = g.add(part.name, new Operator.Linear(w, WeightSlice.of(bias, part.rows)), x);
        Shape split = Shape.of(x.shape().extent(0), heads, width / heads);
        y = g.add(part.split, new Operator.Reshape(split), y);
        return g.add(part.heads, new Operator.Transpose(HEADS_FIRST), y);
    }
}
