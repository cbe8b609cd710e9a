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
     * 2-D convolution with square kernel, zero padding and groups, on (C, H, W).
     *
     * @param weight (outputs, inputs / groups, k, k)
     * @param bias (outputs), or null
     */
    record Conv2d(WeightSlice weight, @Nullable WeightSlice bias, int stride, int padding, int groups)
            implements Operator {
        public Conv2d {
            Objects.requireNonNull(weight, "weight");
            require(weight.rank() == 4, "Conv2d weight %s has not 4 axes", weight);
            require(
                    stride >= 1 && padding >= 0 && groups >= 1,
                    "Conv2d of %s has a stride, padding or groups out of range",
                    weight);
            require(weight.extent(0) % groups == 0, "Conv2d of %s: outputs are no multiple of the groups", weight);
        }

        public int kernel() {
            return weight.extent(2);
        }

        @Override
        public Shape output(List<Shape> inputs) {
            Shape x = one(inputs, this);
            require(x.rank() == 3, "Conv2d of %s takes (C, H, W), but got %s", weight, x);
            require(x.extent(0) == weight.extent(1) * groups, "Conv2d of %s does not take %s", weight, x);
            return Shape.of(
                    weight.extent(0),
                    (x.extent(1) + 2 * padding - weight.extent(2)) / stride + 1,
                    (x.extent(2) + 2 * padding - weight.extent(3)) / stride + 1);
        }

        @Override
        public long macs(List<Shape> inputs, Shape output) {
            return output.elements() * weight.extent(1) * weight.extent(2) * weight.extent(3);
        }

        @Override
        public List<ParameterUse> parameters() {
            return weightAndBias(weight, bias);
        }
    }

    /**
     * y = W x + b over the last axis.
     *
     * @param weight (outputs, inputs)
     * @param bias (outputs), or null
     */
    record Linear(WeightSlice weight, @Nullable WeightSlice bias) implements Operator {
        public Linear {
            require(weight.rank() == 2, "Linear weight %s has not 2 axes", weight);
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
            return weightAndBias(weight, bias);
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
     * scale · A B, or scale · A Bᵀ, on the last two axes of (G, M, K) and (G, K, N) or (G, N, K).
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
            require(a.rank() == 3 && b.rank() == 3 && a.extent(0) == b.extent(0), "MatMul does not take %s", inputs);
            require(a.extent(2) == b.extent(transposeRight ? 2 : 1), "MatMul does not take %s", inputs);
            return Shape.of(a.extent(0), a.extent(1), b.extent(transposeRight ? 1 : 2));
        }

        @Override
        public long macs(List<Shape> inputs, Shape output) {
            return output.elements() * inputs.get(0).extent(2);
        }
    }

    /** Softmax over the last axis. */
    record Softmax() implements Operator {
        @Override
        public Shape output(List<Shape> inputs) {
            return one(inputs, this);
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

    private static List<ParameterUse> weightAndBias(WeightSlice weight, @Nullable WeightSlice bias) {
        List<ParameterUse> uses = new ArrayList<>(2);
        uses.add(new ParameterUse(ParameterUse.Role.WEIGHT, weight));
        if (bias != null) {
            require(bias.extent(0) == weight.extent(0), "Bias %s does not fit weight", bias, weight);
            uses.add(new ParameterUse(ParameterUse.Role.BIAS, bias));
        }
        return uses;
    }

    private static Shape one(List<Shape> inputs, Operator op) {
        require(inputs.size() == 1, "%s takes one input, but got %s", op.type(), inputs);
        return inputs.get(0);
    }

    private static List<Shape> two(List<Shape> inputs, Operator op) {
        require(
                inputs.size() == 2 && inputs.get(0).equals(inputs.get(1)),
                "%s takes two inputs of one shape, but got %s",
                op.type(),
                inputs);
        return inputs;
    }

    private static void require(boolean condition, String message, Object... values) {
        if (!condition) {
            throw new IllegalArgumentException(message.formatted(values));
        }
    }
}
