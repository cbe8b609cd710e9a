package dev.lathe.graph.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Operator;
import dev.lathe.graph.Range;
import dev.lathe.graph.Shape;
import dev.lathe.graph.memory.DeploymentPlan.Buffer;
import dev.lathe.graph.memory.DeploymentPlan.Region;
import dev.lathe.graph.memory.DeploymentPlan.Role;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Executes regions that read the image in bands, or tokens in tiles. */
final class RegionSimulator {
    private final ArenaSimulator sim;
    private final Region region;
    private final int head;
    private final int first;

    RegionSimulator(ArenaSimulator sim, Region region) {
        this.sim = sim;
        this.region = region;
        head = region.nodes().get(0);
        first = region.firstStep();
    }

    /** A convolution whose band of rows is a ring. */
    void imageBands() {
        Operator.Conv2d conv = (Operator.Conv2d) sim.node(head).op();
        int image = sim.inputOf(head, 0);
        Shape x = sim.shape(image);
        Shape y = sim.node(head).output().shape();
        Buffer band = sim.need(Role.IMAGE_BAND, image, first);
        int ring = Math.min(conv.kernelY(), x.extent(1));
        int loaded = 0;
        for (int row = 0; row < y.extent(1); row++) {
            int end = Math.min(x.extent(1), row * conv.strideY() - conv.paddingY() + conv.kernelY());
            for (; loaded < end; loaded++) {
                loadRow(band, image, x, loaded, ring);
            }
            for (int c = 0; c < y.extent(0); c++) {
                for (int column = 0; column < y.extent(2); column++) {
                    int e = (c * y.extent(1) + row) * y.extent(2) + column;
                    long v = sim.semantics.element(head, e, (k, j) -> bandValue(band, x, j, ring));
                    sim.store(region.output(), e, sim.fused(region, e, v), region);
                }
            }
        }
    }

    private void loadRow(Buffer band, int image, Shape x, int row, int ring) {
        for (int c = 0; c < x.extent(0); c++) {
            for (int i = 0; i < x.extent(2); i++) {
                int e = (c * x.extent(1) + row) * x.extent(2) + i;
                sim.arena.write(band, (c * ring + row % ring) * x.extent(2) + i, 1, Semantics.imageValue(image, e));
            }
        }
    }

    private long bandValue(Buffer band, Shape x, int j, int ring) {
        int c = j / (x.extent(1) * x.extent(2));
        int row = j / x.extent(2) % x.extent(1);
        return sim.arena.read(band, (c * ring + row % ring) * x.extent(2) + j % x.extent(2), 1);
    }

    /** Patch by patch: gather from the band or the image, then one token. */
    void patchEmbedding() {
        Operator.Conv2d conv = (Operator.Conv2d) sim.node(head).op();
        int image = sim.inputOf(head, 0);
        Shape x = sim.shape(image);
        Shape y = sim.node(head).output().shape();
        Buffer band = sim.find(Role.IMAGE_BAND, image, first);
        Buffer patch = sim.need(Role.IMAGE_PATCH, image, first);
        int width = y.extent(0);
        int tokens = sim.elements(region.output()) / width;
        int special = tokens - y.extent(1) * y.extent(2);
        for (int e = 0; e < special * width; e++) {
            sim.store(region.output(), e, embedded(region.nodes().size() - 1, e, patch, -1, -1), region);
        }
        for (int gy = 0; gy < y.extent(1); gy++) {
            int from = Math.max(0, gy * conv.strideY() - conv.paddingY());
            int end = Math.min(x.extent(1), gy * conv.strideY() - conv.paddingY() + conv.kernelY());
            int ring = Math.min(conv.kernelY(), x.extent(1));
            for (int row = from; row < end && band != null; row++) {
                loadRow(band, image, x, row, ring);
            }
            for (int gx = 0; gx < y.extent(2); gx++) {
                gather(conv, x, image, band, patch, gy, gx, ring);
                int token = special + gy * y.extent(2) + gx;
                for (int c = 0; c < width; c++) {
                    long v = embedded(region.nodes().size() - 1, token * width + c, patch, gy, gx);
                    sim.store(region.output(), token * width + c, v, region);
                }
            }
        }
    }

    private void gather(
            Operator.Conv2d conv, Shape x, int image, @Nullable Buffer band, Buffer patch, int gy, int gx, int ring) {
        for (int i = 0; i < patch.bytes(); i++) {
            int c = i / (conv.kernelY() * conv.kernelX());
            int row = gy * conv.strideY() - conv.paddingY() + i / conv.kernelX() % conv.kernelY();
            int column = gx * conv.strideX() - conv.paddingX() + i % conv.kernelX();
            boolean padding = row < 0 || row >= x.extent(1) || column < 0 || column >= x.extent(2);
            int e = (c * x.extent(1) + row) * x.extent(2) + column;
            long v = padding ? 0 : band == null ? sim.load(image, e, region) : bandValue(band, x, e, ring);
            sim.arena.write(patch, i, 1, v);
        }
    }

    /** The value after the first nodes of the region, traced back to the gathered patch. */
    private long embedded(int position, int e, Buffer patch, int gy, int gx) {
        int node = region.nodes().get(position);
        if (position > 0) {
            return sim.semantics.element(node, e, (k, j) -> embedded(position - 1, j, patch, gy, gx));
        }
        Operator.Conv2d conv = (Operator.Conv2d) sim.node(head).op();
        Shape x = sim.shape(sim.inputOf(head, 0));
        Shape y = sim.node(head).output().shape();
        assertThat(e / y.extent(2) % y.extent(1)).isEqualTo(gy);
        assertThat(e % y.extent(2)).isEqualTo(gx);
        return sim.semantics.element(node, e, (k, j) -> {
            int c = j / (x.extent(1) * x.extent(2));
            int row = j / x.extent(2) % x.extent(1) - (gy * conv.strideY() - conv.paddingY());
            int column = j % x.extent(2) - (gx * conv.strideX() - conv.paddingX());
            return sim.arena.read(patch, (c * conv.kernelY() + row) * conv.kernelX() + column, 1);
        });
    }

    /** Norms and linear layers one after the other on a few tokens, the last into its place. */
    void tokenTiles() {
        List<Integer> rows = new ArrayList<>();
        for (int node : region.nodes()) {
            if (sim.node(node).op() instanceof Operator.LayerNorm
                    || sim.node(node).op() instanceof Operator.Linear) {
                rows.add(node);
            }
        }
        int tokens = sim.shape(sim.inputOf(head, 0)).extent(0);
        for (int t = 0; t < tokens; t += region.tileTokens()) {
            int end = Math.min(tokens, t + region.tileTokens());
            for (int i = 0; i < rows.size(); i++) {
                tile(rows, i, t, end);
            }
        }
    }

    private void tile(List<Integer> rows, int i, int from, int end) {
        int node = rows.get(i);
        int width = sim.node(node).output().shape().last();
        int inWidth = sim.shape(sim.inputOf(node, 0)).last();
        boolean last = i + 1 == rows.size();
        Buffer source = i == 0 ? null : sim.need(Role.TILE, rows.get(i - 1) + sim.inputs, first + i);
        Buffer target = last ? null : sim.need(Role.TILE, node + sim.inputs, first + i);
        for (int e = from * width; e < end * width; e++) {
            long v = sim.semantics.element(
                    node,
                    e,
                    (k, j) -> source == null
                            ? sim.load(sim.inputOf(node, k), j, region)
                            : sim.arena.read(source, j - from * inWidth, 1));
            for (int f = region.nodes().indexOf(node) + 1; f < region.nodes().size(); f++) {
                int folded = region.nodes().get(f);
                if (rows.contains(folded)) {
                    break;
                }
                int before = region.nodes().get(f - 1) + sim.inputs;
                long operand = v;
                v = sim.semantics.element(
                        folded,
                        e,
                        (k, j) -> sim.inputOf(folded, k) == before
                                ? operand
                                : sim.load(sim.inputOf(folded, k), j, region));
            }
            if (target == null) {
                sim.store(region.output(), e, v, region);
            } else {
                sim.arena.write(target, e - from * width, 1, v);
            }
        }
    }

    /** One token at a time goes through the norm into the output's bytes and into the sums. */
    void pooledTokens() {
        int mean = region.nodes().get(region.nodes().size() - 1);
        Shape x = sim.shape(sim.inputOf(head, 0));
        Buffer sum = sim.need(Role.SUM, -1, first);
        for (int c = 0; c < x.last(); c++) {
            sim.arena.write(sum, c, 4, sim.semantics.start(mean, c));
        }
        Range tokens = Range.first(x.extent(0));
        if (region.nodes().size() == 3) {
            tokens = ((Operator.Slice) sim.node(region.nodes().get(1)).op()).range();
        }
        for (int t = tokens.from(); t < tokens.to(); t++) {
            for (int c = 0; c < x.last(); c++) {
                int e = t * x.last() + c;
                long v = mean == head
                        ? sim.load(sim.inputOf(head, 0), e, region)
                        : sim.semantics.element(head, e, (k, j) -> sim.load(sim.inputOf(head, 0), j, region));
                sim.store(region.output(), c, v, region);
            }
            for (int c = 0; c < x.last(); c++) {
                long v = sim.load(region.output(), c, region);
                sim.arena.write(sum, c, 4, Semantics.fold(sim.arena.read(sum, c, 4), v));
            }
        }
        for (int c = 0; c < x.last(); c++) {
            sim.store(region.output(), c, sim.arena.read(sum, c, 4), region);
        }
    }
}
