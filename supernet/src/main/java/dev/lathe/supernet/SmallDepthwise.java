package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.lathe.graph.Operator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Depthwise convolution of small maps as one matrix product per channel. The engine's kernels fall back to a slow path
 * where the padded kernel is as large as the map: the backward pass of 160 channels of 2 x 2 took as long as that of the
 * whole 8 x 8 stage.
 *
 * <p>A channel's map of P pixels becomes its Q output pixels by a P x Q matrix whose entries are the kernel's taps, or 0
 * where the window does not reach. All these matrices are {@code (C, k·k) · (k·k, P·Q)}, the right factor a constant of 0
 * and 1: so the gradient reaches the taps by the same product.
 */
final class SmallDepthwise {
    /** Largest P·Q, that of 8 x 8 to 8 x 8: beyond it the dense product does more work than it saves. */
    private static final int MAX_ENTRIES = 4096;

    private record Geometry(int height, int width, int kernel, int stride, int padding) {}

    private final NDManager manager;
    private final Map<Geometry, NDArray> selections = new ConcurrentHashMap<>();

    /** @param manager keeps the constants, which must live through every backward pass */
    SmallDepthwise(NDManager manager) {
        this.manager = manager;
    }

    static boolean suits(Operator.Conv2d c, dev.lathe.graph.Shape in, dev.lathe.graph.Shape out) {
        return c.groups() > 1
                && c.groups() == in.extent(0)
                && c.groups() == out.extent(0)
                && c.bias() == null
                && c.kernelY() == c.kernelX()
                && c.strideY() == c.strideX()
                && c.paddingY() == c.paddingX()
                && (long) in.extent(1) * in.extent(2) * out.extent(1) * out.extent(2) <= MAX_ENTRIES;
    }

    /**
     * @param x (B, C, H, W)
     * @param weight (C, 1, k, k)
     * @return (B, C, H', W'), channels innermost in memory
     */
    NDArray convolve(Operator.Conv2d c, NDArray x, NDArray weight, dev.lathe.graph.Shape out) {
        Shape s = x.getShape();
        long batch = s.get(0);
        long channels = s.get(1);
        long pixels = s.get(2) * s.get(3);
        long outputs = (long) out.extent(1) * out.extent(2);
        NDArray selection = selections.computeIfAbsent(
                new Geometry((int) s.get(2), (int) s.get(3), c.kernelY(), c.strideY(), c.paddingY()),
                g -> selection(g, out.extent(1), out.extent(2)));
        // Of a whole parameter, which lives long, the result would too.
        NDArray taps = weight.reshape(channels, (long) c.kernelY() * c.kernelY());
        taps.attach(x.getManager());
        NDArray matrices = taps.matMul(selection).reshape(channels, pixels, outputs);
        // By way of one axis, which no permuted array can be seen as: so both the values and, on its way back, the
        // gradient
        // are put in the order of memory. The engine takes permuted operands of a batched product apart matrix by
        // matrix.
        NDArray y = x.transpose(0, 2, 3, 1)
                .reshape(-1)
                .reshape(batch * pixels, channels)
                .transpose()
                .reshape(-1)
                .reshape(channels, batch, pixels)
                .matMul(matrices);
        return y.reshape(-1)
                .reshape(channels, batch * outputs)
                .transpose()
                .reshape(-1)
                .reshape(batch, out.extent(1), out.extent(2), channels)
                .transpose(0, 3, 1, 2);
    }

    /** (k·k, P·Q): 1 where tap t takes input pixel p to output pixel q. */
    private NDArray selection(Geometry g, int outHeight, int outWidth) {
        int pixels = g.height() * g.width();
        int outputs = outHeight * outWidth;
        int taps = g.kernel() * g.kernel();
        float[] s = new float[taps * pixels * outputs];
        for (int t = 0; t < taps; t++) {
            for (int q = 0; q < outputs; q++) {
                int y = q / outWidth * g.stride() - g.padding() + t / g.kernel();
                int x = q % outWidth * g.stride() - g.padding() + t % g.kernel();
                if (y >= 0 && y < g.height() && x >= 0 && x < g.width()) {
                    s[(t * pixels + y * g.width() + x) * outputs + q] = 1f;
                }
            }
        }
        return manager.create(s, new Shape(taps, (long) pixels * outputs));
    }
}
