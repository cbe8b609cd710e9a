package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.lathe.graph.Operator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Arrays that operators need and no training changes, made once and kept until the manager closes. */
final class Constants {
    private record Relative(int tokens, int columns, int clip, boolean vertical) {}

    private record Positions(Operator.SinusoidalPositions op, dev.lathe.graph.Shape shape) {}

    private record Windows(Operator.Pool2d pool, int height, int width) {}

    private final NDManager manager;
    private final Map<Object, NDArray> arrays = new ConcurrentHashMap<>();

    Constants(NDManager manager) {
        this.manager = manager;
    }

    private NDArray of(Object key, Supplier<NDArray> make) {
        return arrays.computeIfAbsent(key, k -> make.get());
    }

    /** (n, n), see {@link Operator.Softmax#causalMask}. */
    NDArray causalMask(int n) {
        return of(n, () -> manager.create(Operator.Softmax.causalMask(n), new Shape(n, n)));
    }

    /** The first rows and columns of the table (T, E). */
    NDArray positions(Operator.SinusoidalPositions op, dev.lathe.graph.Shape shape) {
        int tokens = shape.extent(0);
        int width = shape.extent(1);
        return of(new Positions(op, shape), () -> manager.create(op.table(tokens, width), new Shape(tokens, width)));
    }

    /** Row numbers (T, T), see {@link Operator#relativeRows}. */
    NDArray relativeRows(int tokens, int columns, int clip, boolean vertical) {
        return of(new Relative(tokens, columns, clip, vertical), () -> {
            int[] rows = Operator.relativeRows(tokens, columns, clip, vertical);
            long[] wide = new long[rows.length];
            for (int i = 0; i < rows.length; i++) {
                wide[i] = rows[i];
            }
            return manager.create(wide, new Shape(tokens, tokens));
        });
    }

    /** (H', W'): size of a window by its pixels within the image. */
    NDArray windowCorrection(Operator.Pool2d p, int height, int width, dev.lathe.graph.Shape out) {
        return of(new Windows(p, height, width), () -> {
            int rows = out.extent(1);
            int columns = out.extent(2);
            float[] v = new float[rows * columns];
            for (int i = 0; i < v.length; i++) {
                int within = within(i / columns, p.kernelY(), p.strideY(), p.paddingY(), height)
                        * within(i % columns, p.kernelX(), p.strideX(), p.paddingX(), width);
                v[i] = (float) (p.kernelY() * p.kernelX()) / within;
            }
            return manager.create(v, new Shape(rows, columns));
        });
    }

    private static int within(int at, int kernel, int stride, int padding, int side) {
        int from = at * stride - padding;
        return Math.min(from + kernel, side) - Math.max(from, 0);
    }
}
