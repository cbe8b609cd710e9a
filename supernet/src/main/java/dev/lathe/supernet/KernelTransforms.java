package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Range;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Elastic kernels as learnt maps of larger ones: the middle k x k of the next larger kernel, as k^2 numbers, times a matrix of
 * k^2 x k^2, so that a small kernel need not be good as the middle of a large one. One matrix for each filter bank and size,
 * shared by all channels, the identity at first; sizes are chained, 7 to 5 to 3. What is cut out of a supernet is the finished
 * small kernel, so exported networks know nothing of this.
 *
 * @see <a href="https://arxiv.org/abs/1908.09791">Cai et al., Once-for-All, ICLR 2020</a>, section 3.3
 */
final class KernelTransforms {
    private static final String NAME = "/kernel-";

    private final ParameterLayout layout;
    /** Sizes that have a matrix, largest first, by filter bank. */
    private final Map<String, TreeSet<Integer>> sizes = new TreeMap<>();

    /** Those of which the layout has matrices; perhaps none. */
    KernelTransforms(ParameterLayout layout) {
        this.layout = layout;
        layout.entries().keySet().forEach(name -> {
            int at = name.indexOf(NAME);
            if (at >= 0) {
                sizes.computeIfAbsent(name.substring(0, at), n -> new TreeSet<>(Collections.reverseOrder()))
                        .add(Integer.valueOf(name.substring(at + NAME.length())));
            }
        });
    }

    /** The layout and behind it a matrix for each kernel that is smaller than its filter bank in some network. */
    static ParameterLayout layout(SearchSpace space, ParameterLayout plain) {
        Map<String, ParameterLayout.Entry> more = new LinkedHashMap<>();
        int choices = space.decisions().stream()
                .filter(KernelTransforms::isKernel)
                .mapToInt(Decision::size)
                .max()
                .orElse(0);
        for (int c = choices - 1; c >= 0; c--) {
            // The largest network has every block, here with one kernel in all.
            int[] all = space.largest().choices();
            for (int i = 0; i < all.length; i++) {
                Decision d = space.decisions().get(i);
                all[i] = isKernel(d) ? Math.min(c, d.size() - 1) : all[i];
            }
            for (Node node : space.lower(space.canonical(Architecture.of(space.name(), all)))
                    .nodes()) {
                for (ParameterUse use : node.op().parameters()) {
                    WeightSlice s = use.slice();
                    if (isMiddle(s, plain)) {
                        int values = s.extent(2) * s.extent(2);
                        // As gains are: trained, and not decayed.
                        more.put(
                                matrix(s.parameter(), s.extent(2)),
                                new ParameterLayout.Entry(ParameterUse.Role.SCALE, new int[] {values, values}));
                    }
                }
            }
        }
        return plain.with(more);
    }

    private static boolean isKernel(Decision d) {
        return d.name().endsWith("kernel");
    }

    /** Whether the slice is the square middle of larger square filters. */
    private static boolean isMiddle(WeightSlice s, ParameterLayout layout) {
        if (s.rank() != 4 || s.extent(2) != s.extent(3) || s.extent(2) < 2) {
            return false;
        }
        int[] full = layout.get(s.parameter()).extents();
        int edge = (full[2] - s.extent(2)) / 2;
        return full[2] == full[3]
                && s.extent(2) < full[2]
                && s.ranges().get(2).from() == edge
                && s.ranges().get(3).from() == edge;
    }

    private static String matrix(String parameter, int size) {
        return parameter + NAME + size;
    }

    static boolean isMatrix(String parameter) {
        return parameter.contains(NAME);
    }

    boolean isEmpty() {
        return sizes.isEmpty();
    }

    /** Whether the slice is a kernel that a matrix makes. */
    boolean makes(WeightSlice slice) {
        TreeSet<Integer> known = sizes.get(slice.parameter());
        return known != null && isMiddle(slice, layout) && known.contains(slice.extent(2));
    }

    /** Names of the matrices that the kernels of a graph are made with. */
    Set<String> used(Graph graph) {
        Set<String> names = new HashSet<>();
        if (isEmpty()) {
            return names;
        }
        for (Node node : graph.nodes()) {
            for (ParameterUse use : node.op().parameters()) {
                if (makes(use.slice())) {
                    chain(use.slice())
                            .forEach(size -> names.add(matrix(use.slice().parameter(), size)));
                }
            }
        }
        return names;
    }

    /** Sizes from the next below the whole down to the slice's. */
    private List<Integer> chain(WeightSlice slice) {
        return sizes.getOrDefault(slice.parameter(), new TreeSet<>()).stream()
                .filter(size -> size >= slice.extent(2))
                .toList();
    }

    /**
     * The kernel (outputs, inputs, k, k), owned by {@code step}.
     *
     * @param arrays parameters by name
     */
    NDArray kernel(WeightSlice slice, Map<String, NDArray> arrays, NDManager step) {
        Range outputs = slice.ranges().get(0);
        Range inputs = slice.ranges().get(1);
        NDIndex channels = new NDIndex()
                .addSliceDim(outputs.from(), outputs.to())
                .addSliceDim(inputs.from(), inputs.to())
                .addAllDim(2);
        NDArray w =
                java.util.Objects.requireNonNull(arrays.get(slice.parameter())).get(step, channels);
        int size = layout.get(slice.parameter()).extents()[2];
        for (int next : chain(slice)) {
            int edge = (size - next) / 2;
            NDArray matrix = java.util.Objects.requireNonNull(arrays.get(matrix(slice.parameter(), next)));
            NDArray rows = w.get(new NDIndex()
                            .addAllDim(2)
                            .addSliceDim(edge, edge + next)
                            .addSliceDim(edge, edge + next))
                    .reshape((long) outputs.length() * inputs.length(), (long) next * next);
            w = rows.getNDArrayInternal()
                    .linear(rows, matrix, null)
                    .singletonOrThrow()
                    .reshape(outputs.length(), inputs.length(), next, next);
            size = next;
        }
        return w;
    }

    /** The identity, row-major. */
    static float[] identity(int values) {
        float[] m = new float[values * values];
        for (int i = 0; i < values; i++) {
            m[i * values + i] = 1;
        }
        return m;
    }
}
