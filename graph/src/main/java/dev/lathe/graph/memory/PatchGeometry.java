package dev.lathe.graph.memory;

import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import java.util.List;

/**
 * Which part of each tensor a patch of the last one needs: receptive fields, traced backwards from the patches of the last
 * tensor and cut off at the edges of the image. Neighbouring patches overlap by their halos, whose values are computed again.
 *
 * <p>All tensors are (C, H, W); a patch has all channels. Patch (r, c) needs the rows of band r and the columns of band c.
 *
 * @see <a href="https://arxiv.org/abs/2110.15352">Lin et al., MCUNetV2, NeurIPS 2021</a>
 */
public final class PatchGeometry {
    private final Network net;
    private final int grid;
    /** By tensor: first and end of each band of rows, then of columns; null for tensors outside the stage. */
    private final int[][] bands;

    private final long extraMacs;

    /**
     * @param units of which the first {@code count} are the stage
     * @param out the stage's result
     * @param grid patches per side
     */
    PatchGeometry(Network net, List<Unit> units, int count, int out, int grid) {
        this.net = net;
        this.grid = grid;
        bands = new int[net.tensors.length][];
        Shape shape = net.tensors[out].shape();
        int[] last = new int[4 * grid];
        for (int i = 0; i < grid; i++) {
            last[2 * i] = (int) ((long) i * shape.extent(1) / grid);
            last[2 * i + 1] = (int) ((i + 1L) * shape.extent(1) / grid);
            last[2 * (grid + i)] = (int) ((long) i * shape.extent(2) / grid);
            last[2 * (grid + i) + 1] = (int) ((i + 1L) * shape.extent(2) / grid);
        }
        bands[out] = last;
        long extra = 0;
        for (int u = count - 1; u >= 0; u--) {
            int[] nodes = units.get(u).nodes();
            for (int k = nodes.length - 1; k >= 0; k--) {
                extra += trace(nodes[k]);
            }
        }
        extraMacs = extra;
    }

    /** Carries the bands of a node's output to its inputs; multiply-accumulates above those of the whole tensor. */
    private long trace(int node) {
        Operator op = net.op(node);
        int out = net.out(node);
        for (int k = 0; k < net.nodes[node].inputs().size(); k++) {
            int in = net.in(node, k);
            Shape x = net.tensors[in].shape();
            if (op instanceof Operator.Conv2d c) {
                widen(out, in, 0, c.kernelY(), c.strideY(), c.paddingY(), x.extent(1));
                widen(out, in, 2 * grid, c.kernelX(), c.strideX(), c.paddingX(), x.extent(2));
            } else if (op instanceof Operator.Pool2d p) {
                widen(out, in, 0, p.kernelY(), p.strideY(), p.paddingY(), x.extent(1));
                widen(out, in, 2 * grid, p.kernelX(), p.strideX(), p.paddingX(), x.extent(2));
            } else {
                widen(out, in, 0, 1, 1, 0, x.extent(1));
                widen(out, in, 2 * grid, 1, 1, 0, x.extent(2));
            }
        }
        if (!(op instanceof Operator.Conv2d)) {
            return 0;
        }
        Shape y = net.tensors[out].shape();
        long perPixel = net.nodes[node].macs() / ((long) y.extent(1) * y.extent(2));
        return perPixel * (covered(out, 0) * covered(out, 2 * grid) - (long) y.extent(1) * y.extent(2));
    }

    private void widen(int out, int in, int axis, int kernel, int stride, int padding, int extent) {
        int[] o = java.util.Objects.requireNonNull(bands[out]);
        int[] i = bands[in];
        if (i == null) {
            i = new int[4 * grid];
            bands[in] = i;
        }
        for (int b = axis; b < axis + 2 * grid; b += 2) {
            int from = Math.max(0, Math.min(extent - 1, o[b] * stride - padding));
            int end = Math.max(from + 1, Math.min(extent, (o[b + 1] - 1) * stride - padding + kernel));
            boolean fresh = i[b + 1] == 0;
            i[b] = fresh ? from : Math.min(i[b], from);
            i[b + 1] = fresh ? end : Math.max(i[b + 1], end);
        }
    }

    private long covered(int tensor, int axis) {
        int[] b = java.util.Objects.requireNonNull(bands[tensor]);
        long sum = 0;
        for (int i = axis; i < axis + 2 * grid; i += 2) {
            sum += b[i + 1] - b[i];
        }
        return sum;
    }

    private int widest(int tensor, int axis) {
        int[] b = java.util.Objects.requireNonNull(bands[tensor]);
        int most = 0;
        for (int i = axis; i < axis + 2 * grid; i += 2) {
            most = Math.max(most, b[i + 1] - b[i]);
        }
        return most;
    }

    /** Whether the stage has this tensor. */
    public boolean has(int tensor) {
        return bands[tensor] != null;
    }

    /** First row that band {@code band} of patches needs of a tensor. */
    public int rowFrom(int tensor, int band) {
        return java.util.Objects.requireNonNull(bands[tensor])[2 * band];
    }

    /** The row after the last that a band of patches needs. */
    public int rowEnd(int tensor, int band) {
        return java.util.Objects.requireNonNull(bands[tensor])[2 * band + 1];
    }

    /** First column that a band of patches needs. */
    public int columnFrom(int tensor, int band) {
        return java.util.Objects.requireNonNull(bands[tensor])[2 * (grid + band)];
    }

    /** The column after the last that a band of patches needs. */
    public int columnEnd(int tensor, int band) {
        return java.util.Objects.requireNonNull(bands[tensor])[2 * (grid + band) + 1];
    }

    /** Multiply-accumulates of all patches together above those of the whole tensors. */
    public long extraMacs() {
        return extraMacs;
    }

    /**
     * Sizes where the stage's tensors, but for its result, are as large as the largest patch.
     *
     * @param out the stage's result
     * @param images whether the image is read in patches too
     */
    Sizes sizes(Sizes whole, int out, boolean images, int bytesPerElement) {
        Sizes s = new Sizes(whole.bytes.length) {
            @Override
            boolean fits(int result, int operand) {
                return super.fits(result, operand)
                        && (result == out || !has(result) || fitsInEveryPatch(result, operand));
            }
        };
        for (int t = 0; t < whole.bytes.length; t++) {
            s.bytes[t] = whole.bytes[t];
            s.channel[t] = whole.channel[t];
            s.layout[t] = whole.layout[t];
            if (t != out && bands[t] != null && (images || !net.isInput(t))) {
                s.channel[t] = (long) widest(t, 0) * widest(t, 2 * grid) * bytesPerElement;
                s.bytes[t] = s.channel[t] * net.tensors[t].shape().extent(0);
                s.layout[t] = fingerprint(t);
            }
        }
        return s;
    }

    private boolean fitsInEveryPatch(int result, int operand) {
        int[] r = java.util.Objects.requireNonNull(bands[result]);
        int[] o = java.util.Objects.requireNonNull(bands[operand]);
        for (int i = 0; i < r.length; i += 2) {
            if (r[i + 1] - r[i] > o[i + 1] - o[i]) {
                return false;
            }
        }
        return true;
    }

    /** 64 bits of the bands and channels; negative, so that it differs from all whole layouts. */
    private long fingerprint(int tensor) {
        long h = net.tensors[tensor].shape().extent(0);
        for (int v : java.util.Objects.requireNonNull(bands[tensor])) {
            h = (h ^ v) * 0x9E3779B97F4A7C15L;
            h ^= h >>> 29;
        }
        return h | Long.MIN_VALUE;
    }
}
