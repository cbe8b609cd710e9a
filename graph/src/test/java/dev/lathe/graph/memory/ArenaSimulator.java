package dev.lathe.graph.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.memory.DeploymentPlan.Buffer;
import dev.lathe.graph.memory.DeploymentPlan.Kind;
import dev.lathe.graph.memory.DeploymentPlan.Region;
import dev.lathe.graph.memory.DeploymentPlan.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Executes a plan in its arena, byte by byte, as firmware would, and checks that the result is that of whole tensors in
 * memories of their own, and that the highest byte touched is the plan's peak. It reads the graph and the public plan only.
 */
final class ArenaSimulator {
    final Graph graph;
    final DeploymentPlan plan;
    final DeploymentOptions options;
    final Semantics semantics;
    final Arena arena;
    final int inputs;
    private final int[] root;
    private final int[] widths;
    /** Where tensors are while the current region is executed. */
    private final Map<Integer, Buffer> places = new HashMap<>();

    private int patchRow = -1;
    private int patchColumn = -1;

    private ArenaSimulator(Graph graph, DeploymentPlan plan, DeploymentOptions options) {
        this.graph = graph;
        this.plan = plan;
        this.options = options;
        semantics = new Semantics(graph);
        arena = new Arena(plan.peakSramBytes());
        inputs = graph.inputs().size();
        root = new int[graph.tensors()];
        for (int t = 0; t < root.length; t++) {
            boolean view = t >= inputs && graph.nodes().get(t - inputs).op() instanceof Operator.Reshape;
            root[t] = view ? root[graph.nodes().get(t - inputs).inputs().get(0).id()] : t;
        }
        widths = widths();
    }

    static void check(Graph graph, DeploymentOptions options) {
        DeploymentPlan plan = DeploymentPlanner.plan(graph, options);
        assertThat(plan.peakSramBytes()).isGreaterThanOrEqualTo(plan.largestLiveBytes());
        new ArenaSimulator(graph, plan, options).run();
    }

    private void run() {
        List<long[]> expected = semantics.reference();
        int patched = plan.patchStage().map(DeploymentPlan.PatchStage::regions).orElse(0);
        int grid = plan.patchStage().map(DeploymentPlan.PatchStage::grid).orElse(0);
        boolean tiles = patched > 0 && options.image() == DeploymentOptions.Image.STREAMED;
        for (int t = 0; t < inputs; t++) {
            Buffer b = find(Role.TENSOR, t, 0);
            if (b != null && b.bytes() > 0) {
                for (int i = 0; i < elements(t); i++) {
                    arena.write(b, i, width(t), Semantics.imageValue(t, i));
                }
            }
        }
        for (int r = 0; r < grid; r++) {
            for (int c = 0; c < grid; c++) {
                patchRow = r;
                patchColumn = c;
                if (tiles) {
                    loadImageTile();
                }
                for (Region region : plan.regions().subList(0, patched)) {
                    execute(region);
                }
            }
        }
        patchRow = -1;
        for (Region region : plan.regions().subList(patched, plan.regions().size())) {
            execute(region);
        }
        int out = graph.output().id();
        Buffer b = whole(root[out], Integer.MAX_VALUE);
        for (int i = 0; i < elements(out); i++) {
            assertThat(arena.read(b, i, width(root[out]))).as("output %s", i).isEqualTo(expected.get(out)[i]);
        }
        assertThat((long) arena.touched()).isEqualTo(plan.peakSramBytes());
    }

    private void loadImageTile() {
        for (int t = 0; t < inputs; t++) {
            Buffer b = find(Role.TILE, t, 0);
            if (b != null) {
                Shape s = graph.inputs().get(t).shape();
                PatchGeometry g = plan.patchStage().orElseThrow().geometry();
                for (int i = 0; i < s.elements(); i++) {
                    if (isInPatch(g, t, i)) {
                        arena.write(b, tileIndex(g, t, i), 1, Semantics.imageValue(t, i));
                    }
                }
            }
        }
    }

    private void execute(Region region) {
        places.clear();
        for (Buffer b : plan.buffers()) {
            if (b.role() == Role.WEIGHTS && region.firstStep() <= b.firstStep() && b.lastStep() <= region.lastStep()) {
                arena.scribble(b);
            }
        }
        switch (region.kind()) {
            case OPERATOR -> operator(region);
            case IMAGE_BANDS -> new RegionSimulator(this, region).imageBands();
            case PATCH_EMBEDDING -> new RegionSimulator(this, region).patchEmbedding();
            case TOKEN_TILES -> new RegionSimulator(this, region).tokenTiles();
            case POOLED_TOKENS -> new RegionSimulator(this, region).pooledTokens();
            case ATTENTION_ROWS -> new AttentionSimulator(this, region).run();
        }
    }

    /** An operator: channel by channel or a few tokens at a time through the scratch buffer, else element by element. */
    private void operator(Region region) {
        int head = region.nodes().get(0);
        int out = root[region.output()];
        Buffer target = tensor(out, region);
        Buffer scratch = find(Role.SCRATCH, out, region.firstStep());
        List<Integer> elements = outputElements(out);
        Operator op = graph.nodes().get(head).op();
        int group = 1;
        if (scratch != null) {
            group = (int) scratch.bytes() / width(out);
        } else if (op instanceof Operator.LayerNorm || op instanceof Operator.Softmax) {
            group = graph.nodes().get(head).output().shape().last();
        }
        for (int from = 0; from < elements.size(); ) {
            int end = Math.min(elements.size(), from + group);
            if (scratch != null && patchRow >= 0) {
                // A channel of this patch may be smaller than the largest.
                int channel = elements.get(from) / channelElements(out);
                end = from;
                while (end < elements.size() && elements.get(end) / channelElements(out) == channel) {
                    end++;
                }
            }
            long[] values = new long[end - from];
            for (int i = from; i < end; i++) {
                values[i - from] = chain(region, elements.get(i));
                if (scratch != null) {
                    arena.write(scratch, i - from, width(out), values[i - from]);
                }
            }
            for (int i = from; i < end; i++) {
                long v = scratch != null ? arena.read(scratch, i - from, width(out)) : values[i - from];
                arena.write(target, place(out, target, elements.get(i)), width(out), v);
            }
            from = end;
        }
    }

    /** The region's value at an output element: the operator, what is folded into it, a sum, what is folded into that. */
    private long chain(Region region, int e) {
        int head = region.nodes().get(0);
        return fused(region, e, semantics.element(head, e, (k, j) -> load(inputOf(head, k), j, region)));
    }

    /** Carries a value through the nodes after the first. */
    long fused(Region region, int e, long value) {
        long v = value;
        for (int i = 1; i < region.nodes().size(); i++) {
            int node = region.nodes().get(i);
            int before = root[region.nodes().get(i - 1) + inputs];
            long operand = v;
            v = semantics.element(
                    node, e, (k, j) -> root[inputOf(node, k)] == before ? operand : load(inputOf(node, k), j, region));
        }
        return v;
    }

    int inputOf(int node, int k) {
        return graph.nodes().get(node).inputs().get(k).id();
    }

    Node node(int index) {
        return graph.nodes().get(index);
    }

    private List<Integer> outputElements(int out) {
        List<Integer> list = new ArrayList<>();
        for (int i = 0; i < elements(out); i++) {
            if (patchRow < 0 || isInPatch(plan.patchStage().orElseThrow().geometry(), out, i)) {
                list.add(i);
            }
        }
        return list;
    }

    /** Reads an element of a tensor from where it is. */
    long load(int tensor, int element, Region region) {
        int t = root[tensor];
        boolean image = t < inputs && graph.inputs().get(t).shape().rank() == 3;
        if (image && options.image() == DeploymentOptions.Image.EXCLUDED) {
            return Semantics.imageValue(t, element);
        }
        Buffer b = tensor(t, region);
        return arena.read(b, place(t, b, element), width(t));
    }

    void store(int tensor, int element, long value, Region region) {
        int t = root[tensor];
        arena.write(tensor(t, region), element, width(t), value);
    }

    private int place(int tensor, Buffer b, int element) {
        return b.role() == Role.TILE ? tileIndex(plan.patchStage().orElseThrow().geometry(), tensor, element) : element;
    }

    private boolean isInPatch(PatchGeometry g, int t, int e) {
        Shape s = shape(t);
        int y = e / s.extent(2) % s.extent(1);
        int x = e % s.extent(2);
        return y >= g.rowFrom(t, patchRow)
                && y < g.rowEnd(t, patchRow)
                && x >= g.columnFrom(t, patchColumn)
                && x < g.columnEnd(t, patchColumn);
    }

    private int tileIndex(PatchGeometry g, int t, int e) {
        Shape s = shape(t);
        if (!isInPatch(g, t, e)) {
            throw new AssertionError("Element %d of tensor %d is not in the patch".formatted(e, t));
        }
        int rows = g.rowEnd(t, patchRow) - g.rowFrom(t, patchRow);
        int columns = g.columnEnd(t, patchColumn) - g.columnFrom(t, patchColumn);
        int c = e / (s.extent(1) * s.extent(2));
        int y = e / s.extent(2) % s.extent(1) - g.rowFrom(t, patchRow);
        return (c * rows + y) * columns + e % s.extent(2) - g.columnFrom(t, patchColumn);
    }

    Shape shape(int t) {
        return t < inputs
                ? graph.inputs().get(t).shape()
                : graph.nodes().get(t - inputs).output().shape();
    }

    int elements(int t) {
        return (int) shape(t).elements();
    }

    private int channelElements(int t) {
        return shape(t).extent(1) * shape(t).extent(2);
    }

    int width(int t) {
        return widths[root[t]];
    }

    private int[] widths() {
        int[] widths = new int[root.length];
        Arrays.fill(widths, options.bytesPerElement());
        int out = root[graph.output().id()];
        boolean read = graph.nodes().stream()
                .filter(n -> !(n.op() instanceof Operator.Reshape))
                .anyMatch(n -> n.inputs().stream().anyMatch(in -> root[in.id()] == out));
        if (out >= inputs && !read && Sizes.givesLogits(node(out - inputs).op())) {
            widths[out] = options.outputBytesPerElement();
        }
        return widths;
    }

    private Buffer tensor(int t, Region region) {
        return places.computeIfAbsent(t, tensor -> locate(tensor, region));
    }

    private Buffer locate(int t, Region region) {
        Buffer b = find(Role.TILE, t, region.firstStep());
        boolean patched = patchRow >= 0 && region.kind() == Kind.OPERATOR;
        return patched && b != null ? b : whole(t, region.lastStep());
    }

    private Buffer whole(int t, int step) {
        Buffer found = null;
        for (Buffer b : plan.buffers()) {
            if (b.role() == Role.TENSOR && b.tensors().contains(t) && b.firstStep() <= step) {
                found = b;
            }
        }
        assertThat(found).as("a buffer of tensor %s at step %s", t, step).isNotNull();
        return java.util.Objects.requireNonNull(found);
    }

    /** The buffer of a role that holds a tensor, or any if the tensor is negative, at a step. */
    @Nullable
    Buffer find(Role role, int tensor, int step) {
        for (Buffer b : plan.buffers()) {
            if (b.role() == role
                    && (tensor < 0 || b.tensors().contains(tensor))
                    && b.firstStep() <= step
                    && step <= b.lastStep()) {
                return b;
            }
        }
        return null;
    }

    Buffer need(Role role, int tensor, int step) {
        return java.util.Objects.requireNonNull(find(role, tensor, step), () -> role + " of " + tensor + " at " + step);
    }
}
