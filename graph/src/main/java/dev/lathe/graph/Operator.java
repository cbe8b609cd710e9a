package dev.lathe.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The closed family of operators. Each knows its output shape, its multiply-accumulates and the parameters it uses; what
 * it computes is each reader's to implement, and the compiler points at every reader when one is added.
 *
 * <p>Shapes leave out the batch axis. One MAC is one multiply-accumulate of a convolution or matrix product; element-wise
 * work, normalization and pooling count 0, as is usual in the field.
 */
public sealed interface Operator {
    /**
     * The output's shape.
     *
     * @throws IllegalArgumentException if the inputs do not fit the operator
     */
    Shape output(List<Shape> inputs);

    /** Multiply-accumulates for one sample. */
    default long macs(List<Shape> inputs, Shape output) {
        return 0;
    }

    /** Parameters in the order a runtime expects them; empty for most operators. */
    default List<ParameterUse> parameters() {
        return List.of();
    }

    /** Short stable name, for signatures, messages and pictures. */
    default String type() {
        return getClass().getSimpleName();
    }

    /**
     * 2-D convolution with zero padding and groups, on (C, H, W); a 1-D convolution over time has a kernel of one column.
     *
     * @param weight (outputs, inputs / groups, kernel rows, kernel columns)
     * @param bias (outputs), or null
     * @param strideY step in rows
     * @param strideX step in columns
     * @param paddingY rows of zeros above, and as many below
     * @param paddingX columns of zeros on the left, and as many on the right
     * @param groups channels are cut into so many independent groups: 1 for a dense convolution, the inputs for a depthwise
     *     one
     */
    record Conv2d(
            WeightSlice weight,
            @Nullable WeightSlice bias,
            int strideY,
            int strideX,
            int paddingY,
            int paddingX,
            int groups)
            implements Operator {
        public Conv2d {
            Objects.requireNonNull(weight, "weight");
            require(weight.rank() == 4, "Conv2d weight %s has not 4 axes", weight);
            require(
                    strideY >= 1 && strideX >= 1 && paddingY >= 0 && paddingX >= 0 && groups >= 1,
                    "Conv2d of %s has a stride, padding or groups out of range",
                    weight);
            require(weight.extent(0) % groups == 0, "Conv2d of %s: outputs are no multiple of the groups", weight);
        }

        /** The same stride and padding on both axes. */
        public Conv2d(WeightSlice weight, @Nullable WeightSlice bias, int stride, int padding, int groups) {
            this(weight, bias, stride, stride, padding, padding, groups);
        }

        public int kernelY() {
            return weight.extent(2);
        }

        public int kernelX() {
            return weight.extent(3);
        }

        /** Whether each channel is filtered alone. */
        public boolean isDepthwise() {
            return groups > 1 && weight.extent(1) == 1;
        }

        /** Whether it is a matrix product over the channels: 1x1, stride 1, one group. */
        public boolean isPointwise() {
            return kernelY() == 1
                    && kernelX() == 1
                    && strideY == 1
                    && strideX == 1
                    && paddingY == 0
                    && paddingX == 0
                    && groups == 1;
        }

        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(x.rank() == 3, "Conv2d of %s takes (C, H, W), but got %s", weight, x);
            require(x.extent(0) == weight.extent(1) * groups, "Conv2d of %s does not take %s", weight, x);
            return Shape.of(
                    weight.extent(0),
                    (x.extent(1) + 2 * paddingY - weight.extent(2)) / strideY + 1,
                    (x.extent(2) + 2 * paddingX - weight.extent(3)) / strideX + 1);
        }

        @Override
        public long macs(List<Shape> inputs, Shape output) {
            return output.elements() * weight.extent(1) * weight.extent(2) * weight.extent(3);
        }

        @Override
        public List<ParameterUse> parameters() {
            return weightAndBias(ParameterUse.Role.WEIGHT, weight, bias);
        }
    }

    /**
     * y = W x + b over the last axis.
     *
     * @param weight (outputs, inputs)
     * @param bias (outputs), or null
     * @param role of the weight: {@code EMBEDDING} where it is a table of token vectors too, which scores tokens by their own
     *     vectors, else {@code WEIGHT}
     */
    record Linear(WeightSlice weight, @Nullable WeightSlice bias, ParameterUse.Role role) implements Operator {
        public Linear {
            require(weight.rank() == 2, "Linear weight %s has not 2 axes", weight);
            require(
                    role == ParameterUse.Role.WEIGHT || role == ParameterUse.Role.EMBEDDING,
                    "Linear weight %s cannot have role %s",
                    weight,
                    role);
        }

        /** With a weight of its own. */
        public Linear(WeightSlice weight, @Nullable WeightSlice bias) {
            this(weight, bias, ParameterUse.Role.WEIGHT);
        }

        /** Scores of all tokens by the table (V, E) that an {@link Embedding} reads: one parameter in both places. */
        public static Linear tied(WeightSlice table) {
            return new Linear(table, null, ParameterUse.Role.EMBEDDING);
        }

        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(x.last() == weight.extent(1), "Linear of %s does not take %s", weight, x);
            int[] e = x.toArray();
            e[e.length - 1] = weight.extent(0);
            return Shape.of(e);
        }

        @Override
        public long macs(List<Shape> inputs, Shape output) {
            return output.elements() * weight.extent(1);
        }

        @Override
        public List<ParameterUse> parameters() {
            return weightAndBias(role, weight, bias);
        }
    }

    /** Batch normalization of the channels (axis 0) of (C, H, W), with running statistics when not training. */
    record BatchNorm(WeightSlice scale, WeightSlice shift, WeightSlice mean, WeightSlice variance, float epsilon)
            implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(x.extent(0) == scale.extent(0), "BatchNorm of %s does not take %s", scale, x);
            return x;
        }

        @Override
        public List<ParameterUse> parameters() {
            return List.of(
                    new ParameterUse(ParameterUse.Role.SCALE, scale),
                    new ParameterUse(ParameterUse.Role.SHIFT, shift),
                    new ParameterUse(ParameterUse.Role.RUNNING_MEAN, mean),
                    new ParameterUse(ParameterUse.Role.RUNNING_VARIANCE, variance));
        }
    }

    /** Layer normalization over the last axis. */
    record LayerNorm(WeightSlice scale, WeightSlice shift, float epsilon) implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(x.last() == scale.extent(0), "LayerNorm of %s does not take %s", scale, x);
            return x;
        }

        @Override
        public List<ParameterUse> parameters() {
            return List.of(
                    new ParameterUse(ParameterUse.Role.SCALE, scale), new ParameterUse(ParameterUse.Role.SHIFT, shift));
        }
    }

    /** An element-wise non-linearity. */
    record Activate(Activation function) implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            return one(inputs, this);
        }
    }

    /** Element-wise sum of two tensors of one shape. */
    record Add() implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            return two(inputs, this).get(0);
        }
    }

    /** Adds a learned table of the input's shape, the same for every sample: absolute positions. */
    record AddTable(WeightSlice table) implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(Shape.of(table.extents()).equals(x), "AddTable of %s does not take %s", table, x);
            return x;
        }

        @Override
        public List<ParameterUse> parameters() {
            return List.of(new ParameterUse(ParameterUse.Role.POSITION, table));
        }
    }

    /**
     * scale · A B, or scale · A Bᵀ, on the last two axes of (G, M, K) and (G, K, N) or (G, N, K). A right operand with G = 1
     * serves all groups of the left one: keys and values of multi-query attention.
     *
     * @param transposeRight whether the right operand is (G, N, K)
     * @param scale factor of the product, 1/√d in attention
     */
    record MatMul(boolean transposeRight, float scale) implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            require(inputs.size() == 2, "MatMul takes two inputs, but got %s", inputs);
            Shape a = inputs.get(0);
            Shape b = inputs.get(1);
            require(
                    a.rank() == 3 && b.rank() == 3 && (a.extent(0) == b.extent(0) || b.extent(0) == 1),
                    "MatMul does not take %s",
                    inputs);
            require(a.extent(2) == b.extent(transposeRight ? 2 : 1), "MatMul does not take %s", inputs);
            return Shape.of(a.extent(0), a.extent(1), b.extent(transposeRight ? 1 : 2));
        }

        @Override
        public long macs(List<Shape> inputs, Shape output) {
            return output.elements() * inputs.get(0).extent(2);
        }
    }

    /**
     * Softmax over the last axis.
     *
     * @param causal whether row i of the last two axes (M, M) sees columns 0 to i only: a decoder's self-attention
     */
    record Softmax(boolean causal) implements Operator {
        public Softmax() {
            this(false);
        }

        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(
                    !causal || (x.rank() >= 2 && x.last() == x.extent(x.rank() - 2)),
                    "A causal Softmax takes as many columns as rows, but got %s",
                    x);
            return x;
        }

        /** To be added to n x n scores: 0 where a row sees the column, else a number whose exponential is 0. */
        public static float[] causalMask(int n) {
            float[] mask = new float[n * n];
            for (int i = 0; i < n; i++) {
                for (int j = i + 1; j < n; j++) {
                    mask[i * n + j] = -1e9f;
                }
            }
            return mask;
        }
    }

    /** The same elements in the same order under another shape. */
    record Reshape(Shape target) implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(x.elements() == target.elements(), "Reshape of %s to %s changes the number of elements", x, target);
            return target;
        }
    }

    /**
     * Axes in another order.
     *
     * @param order input axis of each output axis, batch left out: (1, 0) swaps the two axes of a matrix
     */
    record Transpose(List<Integer> order) implements Operator {
        public Transpose {
            order = List.copyOf(order);
            require(
                    order.stream()
                            .sorted()
                            .toList()
                            .equals(java.util.stream.IntStream.range(0, order.size())
                                    .boxed()
                                    .toList()),
                    "Transpose order %s is no permutation",
                    order);
        }

        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(x.rank() == order.size(), "Transpose %s does not take %s", order, x);
            int[] e = new int[order.size()];
            for (int i = 0; i < e.length; i++) {
                e[i] = x.extent(order.get(i));
            }
            return Shape.of(e);
        }
    }

    /** Mean over height and width: (C, H, W) to (C). */
    record GlobalAveragePool() implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(x.rank() == 3, "GlobalAveragePool takes (C, H, W), but got %s", x);
            return Shape.of(x.extent(0));
        }
    }

    /** Mean over the tokens: (T, E) to (E). */
    record MeanTokens() implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(x.rank() == 2, "MeanTokens takes (T, E), but got %s", x);
            return Shape.of(x.extent(1));
        }
    }

    /** What a pooling window is replaced by. */
    enum PoolKind {
        MAX,
        AVERAGE
    }

    /**
     * Maximum or mean over windows of (C, H, W).
     *
     * @param kind what a window gives
     * @param kernelY window rows
     * @param kernelX window columns
     * @param strideY step in rows
     * @param strideX step in columns
     * @param paddingY rows added above and below; at most half of the window
     * @param paddingX columns added left and right; at most half of the window
     * @param countPadding whether a mean divides by the whole window where it reaches over the edge; false divides by the
     *     pixels within
     * @param ceil whether a last window that starts within the image but does not fit counts; then only pixels within count
     */
    record Pool2d(
            PoolKind kind,
            int kernelY,
            int kernelX,
            int strideY,
            int strideX,
            int paddingY,
            int paddingX,
            boolean countPadding,
            boolean ceil)
            implements Operator {
        public Pool2d {
            require(
                    kernelY >= 1 && kernelX >= 1 && strideY >= 1 && strideX >= 1,
                    "Pool2d has a kernel or stride below 1: %s",
                    kind);
            require(
                    paddingY >= 0 && paddingX >= 0 && 2 * paddingY <= kernelY && 2 * paddingX <= kernelX,
                    "Pool2d has a padding of more than half its window: %s",
                    kind);
            require(
                    !ceil || (paddingY == 0 && paddingX == 0),
                    "Pool2d with padding cannot round up, for runtimes differ there: %s",
                    kind);
        }

        /** A square window that divides by the pixels within. */
        public static Pool2d of(PoolKind kind, int kernel, int stride, int padding) {
            return new Pool2d(kind, kernel, kernel, stride, stride, padding, padding, false, false);
        }

        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(x.rank() == 3, "Pool2d takes (C, H, W), but got %s", x);
            return Shape.of(
                    x.extent(0),
                    length(x.extent(1), kernelY, strideY, paddingY),
                    length(x.extent(2), kernelX, strideX, paddingX));
        }

        private int length(int side, int kernel, int stride, int padding) {
            int room = side + 2 * padding - kernel;
            int n = (ceil ? -Math.floorDiv(-room, stride) : Math.floorDiv(room, stride)) + 1;
            return ceil && (n - 1) * stride >= side ? n - 1 : n;
        }
    }

    /** x (C, H, W) times a gate (C) per channel: squeeze-and-excitation. */
    record Gate() implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            require(
                    inputs.size() == 2
                            && inputs.get(0).rank() == 3
                            && inputs.get(1).rank() == 1
                            && inputs.get(0).extent(0) == inputs.get(1).extent(0),
                    "Gate takes (C, H, W) and (C), but got %s",
                    inputs);
            return inputs.get(0);
        }
    }

    /** A learned factor per channel, axis 0 of (C, H, W) or the last axis of (T, E): layer scale. */
    record LayerScale(WeightSlice factors) implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(
                    (x.rank() == 3 ? x.extent(0) : x.last()) == factors.extent(0),
                    "LayerScale of %s does not take %s",
                    factors,
                    x);
            return x;
        }

        @Override
        public List<ParameterUse> parameters() {
            return List.of(new ParameterUse(ParameterUse.Role.LAYER_SCALE, factors));
        }
    }

    /** Zeros of the input's shape, whatever the input: a connection that is not there. */
    record Zero() implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            return one(inputs, this);
        }
    }

    /** The inputs one after the other along one axis; all other extents equal. */
    record Concat(int axis) implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            require(!inputs.isEmpty(), "Concat takes at least one input%s", "");
            int[] e = inputs.get(0).toArray();
            require(axis >= 0 && axis < e.length, "Concat has no axis %s in %s", axis, inputs.get(0));
            for (int i = 1; i < inputs.size(); i++) {
                int[] other = inputs.get(i).toArray();
                require(other.length == e.length, "Concat does not take %s", inputs);
                for (int a = 0; a < e.length; a++) {
                    require(a == axis || other[a] == e[a], "Concat does not take %s", inputs);
                }
                e[axis] = Math.addExact(e[axis], other[axis]);
            }
            return Shape.of(e);
        }
    }

    /** A range of indices of one axis. */
    record Slice(int axis, Range range) implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(
                    axis >= 0 && axis < x.rank() && range.to() <= x.extent(axis),
                    "Slice %s does not take %s",
                    range,
                    x);
            int[] e = x.toArray();
            e[axis] = range.length();
            return Shape.of(e);
        }
    }

    /** Puts a learned token (E) before the sequence: (T, E) to (T + 1, E). */
    record PrependToken(WeightSlice token) implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(x.rank() == 2 && x.last() == token.extent(0), "PrependToken of %s does not take %s", token, x);
            return Shape.of(x.extent(0) + 1, x.last());
        }

        @Override
        public List<ParameterUse> parameters() {
            return List.of(new ParameterUse(ParameterUse.Role.POSITION, token));
        }
    }

    /**
     * Rows of a table, times a factor: token numbers (T) to vectors (T, E). The input holds whole numbers from 0 on.
     *
     * @param table (V, E)
     * @param scale factor, the root of E in transformers
     */
    record Embedding(WeightSlice table, float scale) implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(x.rank() == 1 && table.rank() == 2, "Embedding of %s does not take %s", table, x);
            return Shape.of(x.extent(0), table.extent(1));
        }

        @Override
        public List<ParameterUse> parameters() {
            return List.of(new ParameterUse(ParameterUse.Role.EMBEDDING, table));
        }
    }

    /**
     * Adds fixed positions to (T, E): row t holds the sines of t times falling frequencies, then the cosines. The table is {@code
     * tableWidth} wide, of which the first E columns are used, so that networks of several widths see one table.
     *
     * @param tableWidth even width of the whole table, at least E
     */
    record SinusoidalPositions(int tableWidth) implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(
                    x.rank() == 2 && tableWidth >= x.last() && tableWidth % 2 == 0 && tableWidth >= 4,
                    "SinusoidalPositions of width %s does not take %s",
                    tableWidth,
                    x);
            return x;
        }

        /** The table of (tokens, width), row-major: sin or cos of t · 10000^(-i / (tableWidth/2 - 1)). */
        public float[] table(int tokens, int width) {
            int half = tableWidth / 2;
            float[] v = new float[tokens * width];
            for (int t = 0; t < tokens; t++) {
                for (int i = 0; i < width; i++) {
                    double angle = t * StrictMath.exp(-StrictMath.log(10000) * (i % half) / (half - 1));
                    v[t * width + i] = (float) (i < half ? StrictMath.sin(angle) : StrictMath.cos(angle));
                }
            }
            return v;
        }
    }

    /**
     * Attention to relative positions on a grid of patches, for keys: from queries (G, T, d) the terms scale · q_i · (v[dy] +
     * h[dx]) of scores (G, T, T), dy and dx being the clipped distance of token j from token i in rows and columns.
     *
     * @param vertical (2 · clip + 2, d); row 0 for pairs with the class token, else distance + clip + 1
     * @param horizontal likewise
     * @param columns patches in a row of the grid; tokens are the grid row by row, after one class token
     * @param clip largest distance told apart
     * @param scale factor, that of the scores
     * @see <a href="https://arxiv.org/abs/2107.00651">Chen et al., AutoFormer, ICCV 2021</a>
     */
    record RelativeKeys(WeightSlice vertical, WeightSlice horizontal, int columns, int clip, float scale)
            implements Operator {
        public RelativeKeys {
            requireTables(vertical, horizontal, clip);
        }

        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(
                    x.rank() == 3 && x.last() == vertical.extent(1) && (x.extent(1) - 1) % columns == 0,
                    "RelativeKeys of %s does not take %s",
                    vertical,
                    x);
            return Shape.of(x.extent(0), x.extent(1), x.extent(1));
        }

        @Override
        public long macs(List<Shape> inputs, Shape output) {
            return output.elements() * vertical.extent(1);
        }

        @Override
        public List<ParameterUse> parameters() {
            return relativeTables(vertical, horizontal);
        }
    }

    /**
     * Attention to relative positions on a grid of patches, for values: from attention weights (G, T, T) the terms sum over j of
     * p_ij (v[dy] + h[dx]) of the output (G, T, d); see {@link RelativeKeys}.
     */
    record RelativeValues(WeightSlice vertical, WeightSlice horizontal, int columns, int clip) implements Operator {
        public RelativeValues {
            requireTables(vertical, horizontal, clip);
        }

        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(
                    x.rank() == 3 && x.last() == x.extent(1) && (x.extent(1) - 1) % columns == 0,
                    "RelativeValues of %s does not take %s",
                    vertical,
                    x);
            return Shape.of(x.extent(0), x.extent(1), vertical.extent(1));
        }

        @Override
        public long macs(List<Shape> inputs, Shape output) {
            return inputs.get(0).elements() * vertical.extent(1);
        }

        @Override
        public List<ParameterUse> parameters() {
            return relativeTables(vertical, horizontal);
        }
    }

    /**
     * Which row of a relative table serves a pair of tokens.
     *
     * @param tokens T, the class token first
     * @param columns patches in a row of the grid
     * @param clip largest distance told apart
     * @param vertical distance in rows, else in columns
     * @return T·T row numbers, of token i to token j at i·T + j
     */
    static int[] relativeRows(int tokens, int columns, int clip, boolean vertical) {
        int[] rows = new int[tokens * tokens];
        for (int i = 1; i < tokens; i++) {
            for (int j = 1; j < tokens; j++) {
                int distance = vertical ? (j - 1) / columns - (i - 1) / columns : (j - 1) % columns - (i - 1) % columns;
                rows[i * tokens + j] = Math.max(-clip, Math.min(clip, distance)) + clip + 1;
            }
        }
        return rows;
    }

    private static void requireTables(WeightSlice vertical, WeightSlice horizontal, int clip) {
        require(
                vertical.rank() == 2
                        && vertical.extent(0) == 2 * clip + 2
                        && java.util.Arrays.equals(vertical.extents(), horizontal.extents()),
                "Relative tables %s and %s are not both of 2 · clip + 2 rows",
                vertical,
                horizontal);
    }

    private static List<ParameterUse> relativeTables(WeightSlice vertical, WeightSlice horizontal) {
        return List.of(
                new ParameterUse(ParameterUse.Role.POSITION, vertical),
                new ParameterUse(ParameterUse.Role.POSITION, horizontal));
    }

    private static List<ParameterUse> weightAndBias(
            ParameterUse.Role role, WeightSlice weight, @Nullable WeightSlice bias) {
        List<ParameterUse> uses = new ArrayList<>(2);
        uses.add(new ParameterUse(role, weight));
        if (bias != null) {
            require(bias.extent(0) == weight.extent(0), "Bias %s does not fit weight", bias, weight);
            uses.add(new ParameterUse(ParameterUse.Role.BIAS, bias));
        }
        return uses;
    }

    private static Shape one(List<Shape> inputs, Operator op) {
        if (inputs.size() != 1) {
            throw new IllegalArgumentException("%s takes one input, but got %s".formatted(op.type(), inputs));
        }
        return inputs.get(0);
    }

    private static List<Shape> two(List<Shape> inputs, Operator op) {
        if (inputs.size() != 2 || !inputs.get(0).equals(inputs.get(1))) {
            throw new IllegalArgumentException(
                    "%s takes two inputs of one shape, but got %s".formatted(op.type(), inputs));
        }
        return inputs;
    }

    // Searches infer shapes by the million: these make no array of values where the condition holds.

    private static void require(boolean condition, String message, Object value) {
        if (!condition) {
            throw new IllegalArgumentException(message.formatted(value));
        }
    }

    private static void require(boolean condition, String message, Object first, Object second) {
        if (!condition) {
            throw new IllegalArgumentException(message.formatted(first, second));
        }
    }

    private static void require(boolean condition, String message, Object first, Object second, Object third) {
        if (!condition) {
            throw new IllegalArgumentException(message.formatted(first, second, third));
        }
    }
}
