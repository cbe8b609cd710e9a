package dev.lathe.graph.memory;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Range;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Small graphs of nearly all operators on images: branches that are cut, joined, gated, reshaped and seen as sequences. */
final class RandomCells {
    private final RandomGenerator random;
    private final GraphBuilder g = new GraphBuilder("cells");
    private final List<Tensor> made = new ArrayList<>();
    private int names;

    private RandomCells(RandomGenerator random) {
        this.random = random;
    }

    static Graph make(RandomGenerator random, int nodes) {
        RandomCells r = new RandomCells(random);
        int side = 4 + random.nextInt(5);
        r.made.add(r.g.input("image", 1 + random.nextInt(4), side, side + random.nextInt(2)));
        for (int i = 0; i < nodes; i++) {
            Tensor x = r.made.get(random.nextInt(Math.max(0, r.made.size() - 4), r.made.size()));
            r.made.add(x.shape().rank() == 3 ? r.image(x) : r.sequence(x));
        }
        return r.g.build(r.joined());
    }

    /** The last tensor, with all others of its height and width that nobody reads. */
    private Tensor joined() {
        Tensor last = made.get(made.size() - 1);
        return random.nextBoolean() || last.shape().rank() != 3 ? last : concat(last);
    }

    private Tensor add(Operator op, Tensor... in) {
        return g.add("n" + names++, op, in);
    }

    private WeightSlice weights(int... extents) {
        return WeightSlice.first("w" + names, extents);
    }

    private Tensor image(Tensor x) {
        int channels = x.shape().extent(0);
        int height = x.shape().extent(1);
        int kernel = random.nextBoolean() ? 3 : 1;
        int stride = random.nextInt(5) == 0 && height > 3 ? 2 : 1;
        return switch (random.nextInt(14)) {
            case 0, 1 -> {
                int out = 1 + random.nextInt(8);
                yield add(new Operator.Conv2d(weights(out, channels, kernel, kernel), null, stride, kernel / 2, 1), x);
            }
            case 2, 3 ->
                add(new Operator.Conv2d(weights(channels, 1, 3, 3), null, stride, random.nextInt(2) + 1, channels), x);
            case 4 -> add(Operator.Pool2d.of(Operator.PoolKind.values()[random.nextInt(2)], 3, stride, 1), x);
            case 5 -> concat(x);
            case 6 -> {
                int from = random.nextInt(channels);
                yield add(new Operator.Slice(0, new Range(from, from + 1 + random.nextInt(channels - from))), x);
            }
            case 7, 8 -> {
                Tensor partner = like(x);
                yield partner == null ? activate(x) : add(new Operator.Add(), partner, x);
            }
            case 9 -> add(new Operator.Zero(), x);
            case 10 -> {
                Tensor gate = add(new Operator.GlobalAveragePool(), x);
                yield add(new Operator.Gate(), x, add(new Operator.Activate(Activation.HARD_SIGMOID), gate));
            }
            case 11 -> add(new Operator.LayerScale(weights(channels)), x);
            case 12 ->
                add(new Operator.Reshape(Shape.of(channels, height * x.shape().extent(2))), x);
            default -> activate(x);
        };
    }

    private Tensor activate(Tensor x) {
        return add(new Operator.Activate(Activation.RELU), x);
    }

    private Tensor like(Tensor x) {
        Tensor found = null;
        for (Tensor t : made) {
            found = t.id() != x.id() && t.shape().equals(x.shape()) ? t : found;
        }
        return found;
    }

    private Tensor concat(Tensor x) {
        List<Tensor> parts = new ArrayList<>(List.of(x));
        for (Tensor t : made) {
            boolean fits = t.shape().rank() == 3
                    && t.shape().extent(1) == x.shape().extent(1)
                    && t.shape().extent(2) == x.shape().extent(2);
            if (fits && random.nextInt(3) == 0) {
                parts.add(t);
            }
        }
        return add(new Operator.Concat(0), parts.toArray(new Tensor[0]));
    }

    private Tensor sequence(Tensor x) {
        int rows = x.shape().extent(0);
        int width = x.shape().extent(1);
        return switch (random.nextInt(7)) {
            case 0 -> add(new Operator.Transpose(List.of(1, 0)), x);
            case 1 -> add(new Operator.Linear(weights(1 + random.nextInt(8), width), null), x);
            case 2 -> add(new Operator.LayerNorm(weights(width), weights(width), 1e-5f), x);
            case 3 -> add(new Operator.Softmax(), x);
            case 4 -> add(new Operator.Reshape(Shape.of(rows, 1, width)), x);
            case 5 -> {
                Tensor partner = like(x);
                yield partner == null ? activate(x) : add(new Operator.Add(), x, partner);
            }
            default -> add(new Operator.Slice(1, new Range(0, 1 + random.nextInt(width))), x);
        };
    }
}
