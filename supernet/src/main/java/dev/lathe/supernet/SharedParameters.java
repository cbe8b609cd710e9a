package dev.lathe.supernet;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Range;
import dev.lathe.graph.WeightSlice;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * The arrays behind a supernet's parameters. Trained ones carry gradients; each also has a view without gradient on the
 * same memory, so that evaluation builds no graph, whatever the thread's mode. Running statistics of batch normalization
 * are not kept here: they fit no subnet and are re-estimated for each (see {@link BatchNormStatistics}).
 */
public final class SharedParameters implements AutoCloseable {
    private final NDManager manager;
    private final ParameterLayout layout;
    /** The trained parameters with weight decay, and those without: the memory of {@link #trained()}. */
    private final FlatArrays decaying;

    private final FlatArrays steady;
    private final Map<String, NDArray> trained = new LinkedHashMap<>();
    private final Map<String, NDArray> frozen = new HashMap<>();
    private final Map<WeightSlice, NDIndex> indices = new ConcurrentHashMap<>();
    private final Scalars scalars;
    private final KernelTransforms kernels;

    /** Of a network alone: each of its slices as a parameter of its own; else empty. */
    private final Map<WeightSlice, WeightSlice> own;

    private SharedParameters(ParameterLayout layout, Map<String, float[]> values) {
        this(layout, values, Map.of(), ComputeDevice.current());
    }

    private SharedParameters(
            ParameterLayout layout, Map<String, float[]> values, Map<WeightSlice, WeightSlice> own, Device device) {
        this.layout = layout;
        this.own = own;
        this.kernels = new KernelTransforms(layout);
        this.manager = Torch.newManager(device);
        this.scalars = new Scalars(manager);
        this.decaying = flat(values, true);
        this.steady = flat(values, false);
        values.keySet().forEach(name -> {
            NDArray array = (decays(name) ? decaying : steady).get(name);
            array.setRequiresGradient(true);
            trained.put(name, array);
            frozen.put(name, array.stopGradient());
        });
        overwrite(values);
    }

    private FlatArrays flat(Map<String, float[]> values, boolean thatDecay) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        values.keySet().forEach(name -> {
            if (decays(name) == thatDecay) {
                shapes.put(name, shape(layout.get(name).extents()));
            }
        });
        return FlatArrays.zeros(manager, shapes);
    }

    /** Whether weight decay is on a parameter: on matrices and filters only. */
    private boolean decays(String name) {
        return layout.get(name).role() == ParameterUse.Role.WEIGHT;
    }

    /**
     * Fresh parameters. The values come from Java's generators, so that a seed means the same on every machine.
     *
     * @param seed of this network; each parameter has a stream of its own
     */
    public static SharedParameters initialize(ParameterLayout layout, long seed) {
        return initialize(layout, seed, Initialization.FAN_IN);
    }

    /** Fresh parameters whose matrices and filters are drawn in a way of one's own. */
    static SharedParameters initialize(ParameterLayout layout, long seed, Initialization matrices) {
        return new SharedParameters(layout, initialValues(layout, seed, matrices));
    }

    private static Map<String, float[]> initialValues(ParameterLayout layout, long seed, Initialization matrices) {
        Map<String, float[]> values = new LinkedHashMap<>();
        layout.entries().forEach((name, entry) -> {
            if (entry.role().isTrained()) {
                values.put(
                        name,
                        KernelTransforms.isMatrix(name)
                                ? KernelTransforms.identity(entry.extents()[0])
                                : initial(entry, matrices, Seeds.generator(seed, "initialize " + name, 0)));
            }
        });
        return values;
    }

    /** Fresh parameters of one network, none of which is part of a larger one. */
    static SharedParameters alone(Graph graph, long seed, Device device) {
        Map<WeightSlice, WeightSlice> own = new HashMap<>();
        Map<String, ParameterLayout.Entry> entries = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            for (ParameterUse use : node.op().parameters()) {
                WeightSlice whole =
                        WeightSlice.first(use.slice().toString(), use.slice().extents());
                own.put(use.slice(), whole);
                entries.put(whole.parameter(), new ParameterLayout.Entry(use.role(), whole.extents()));
            }
        }
        ParameterLayout layout = ParameterLayout.of(entries);
        return new SharedParameters(layout, initialValues(layout, seed, Initialization.FAN_IN), own, device);
    }

    /**
     * Parameters with these values.
     *
     * @throws IllegalArgumentException if a trained parameter is missing, unknown or of another size
     */
    public static SharedParameters of(ParameterLayout layout, Map<String, float[]> values) {
        Map<String, float[]> ordered = new LinkedHashMap<>();
        layout.entries().forEach((name, entry) -> {
            if (entry.role().isTrained()) {
                float[] v = values.get(name);
                if (v == null || v.length != entry.elements()) {
                    throw new IllegalArgumentException("Parameter '%s' has %s values, not %d"
                            .formatted(name, v == null ? "no" : v.length, entry.elements()));
                }
                ordered.put(name, v);
            }
        });
        if (ordered.size() != values.size()) {
            throw new IllegalArgumentException(
                    "%d values are of no trained parameter".formatted(values.size() - ordered.size()));
        }
        return new SharedParameters(layout, ordered);
    }

    /** By role: gains 1, offsets 0, positions small noise, token vectors of length 1 in the mean. */
    private static float[] initial(ParameterLayout.Entry entry, Initialization matrices, RandomGenerator random) {
        float[] v = new float[entry.elements()];
        int[] e = entry.extents();
        switch (entry.role()) {
            case WEIGHT -> matrices.fill(v, e, random);
            case POSITION -> {
                for (int i = 0; i < v.length; i++) {
                    v[i] = (float) (0.02 * Initialization.truncatedNormal(random));
                }
            }
            case LAYER_SCALE -> Arrays.fill(v, 1e-5f);
            case EMBEDDING -> {
                double deviation = 1 / Math.sqrt(e[e.length - 1]);
                for (int i = 0; i < v.length; i++) {
                    v[i] = (float) (deviation * random.nextGaussian());
                }
            }
            case SCALE, RUNNING_VARIANCE -> Arrays.fill(v, 1f);
            case BIAS, SHIFT, RUNNING_MEAN -> {
                // Java's zeros stand.
            }
        }
        return v;
    }

    static Shape shape(int[] extents) {
        long[] s = new long[extents.length];
        for (int i = 0; i < s.length; i++) {
            s[i] = extents[i];
        }
        return new Shape(s);
    }

    public ParameterLayout layout() {
        return layout;
    }

    /** Trained parameters by name, in layout order. */
    Map<String, NDArray> trained() {
        return trained;
    }

    /** The trained parameters with weight decay, as they lie in memory. */
    FlatArrays decaying() {
        return decaying;
    }

    /** The trained parameters without weight decay, as they lie in memory. */
    FlatArrays steady() {
        return steady;
    }

    /** What makes small kernels out of large ones. */
    KernelTransforms kernels() {
        return kernels;
    }

    Scalars scalars() {
        return scalars;
    }

    /** The long-lived owner, for what must live as long as the parameters. */
    NDManager manager() {
        return manager;
    }

    /**
     * The slice as an array: the parameter itself where it is whole, else a view, or a small kernel made of a large one, that
     * {@code step} owns. Attached to the long-lived manager, views would pile up, some hundred a step.
     */
    NDArray slice(WeightSlice asked, NDManager step, boolean withGradient) {
        WeightSlice slice = own.getOrDefault(asked, asked);
        Map<String, NDArray> arrays = withGradient ? trained : frozen;
        NDArray whole = arrays.get(slice.parameter());
        if (whole == null) {
            throw new IllegalArgumentException(
                    "No trained parameter '%s': no covering architecture of the space uses it"
                            .formatted(slice.parameter()));
        }
        if (kernels.makes(slice)) {
            return kernels.kernel(slice, arrays, step);
        }
        return layout.isWhole(slice) ? whole : whole.get(step, indices.computeIfAbsent(slice, SharedParameters::index));
    }

    private static NDIndex index(WeightSlice slice) {
        NDIndex index = new NDIndex();
        for (Range r : slice.ranges()) {
            index.addSliceDim(r.from(), r.to());
        }
        return index;
    }

    /** Values of a slice, row-major. */
    float[] values(ParameterUse use) {
        try (NDManager step = manager.newSubManager()) {
            NDArray view = slice(use.slice(), step, false);
            return view.toFloatArray();
        }
    }

    /** Copies of all trained values by name, in layout order. */
    Map<String, float[]> values() {
        Map<String, float[]> all = new LinkedHashMap<>();
        trained.keySet().forEach(name -> all.put(name, frozenArray(name).toFloatArray()));
        return all;
    }

    /** Overwrites trained values, in the memory that views share. */
    void overwrite(Map<String, float[]> values) {
        try (NDManager step = manager.newSubManager()) {
            values.forEach((name, v) -> FlatArrays.overwrite(frozenArray(name), v, step));
        }
    }

    private NDArray frozenArray(String name) {
        NDArray a = frozen.get(name);
        if (a == null) {
            throw new IllegalStateException("No view of parameter " + name);
        }
        return a;
    }

    @Override
    public void close() {
        manager.close();
    }
}
