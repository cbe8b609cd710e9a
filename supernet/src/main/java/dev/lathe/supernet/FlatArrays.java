package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Arrays that lie one behind the other in one block of memory, each a view of its part, so that one call of the engine changes
 * all of them. A call costs some microseconds however small the arrays are, and a transformer of 100,000 parameters has 79.
 */
final class FlatArrays {
    /** Elements of a cache line: those of such lengths stand first, and so begin at one. */
    private static final int LINE = 16;

    private final NDArray block;
    private final Map<String, NDArray> views = new LinkedHashMap<>();
    /** Where each begins, and behind the last one the end. */
    private final long[] starts;

    private FlatArrays(NDManager manager, Map<String, Shape> shapes) {
        long size = shapes.values().stream().mapToLong(Shape::size).sum();
        // Of the engine's own memory, which begins at a cache line; what is made of Java's buffers need not.
        this.block = manager.zeros(new Shape(size));
        this.starts = new long[shapes.size() + 1];
        int i = 0;
        long from = 0;
        for (Map.Entry<String, Shape> e : shapes.entrySet()) {
            long to = from + e.getValue().size();
            try (NDArray part = block.get(manager, new NDIndex().addSliceDim(from, to))) {
                NDArray view = part.reshape(e.getValue());
                view.attach(manager);
                views.put(e.getKey(), view);
            }
            from = to;
            starts[++i] = to;
        }
    }

    /** Arrays of zeros. */
    static FlatArrays zeros(NDManager manager, Map<String, Shape> shapes) {
        List<Map.Entry<String, Shape>> order = new ArrayList<>(shapes.entrySet());
        order.sort(Comparator.comparing(e -> e.getValue().size() % LINE != 0));
        Map<String, Shape> ordered = new LinkedHashMap<>();
        order.forEach(e -> ordered.put(e.getKey(), e.getValue()));
        return new FlatArrays(manager, ordered);
    }

    /** Zeros of the same names, shapes and order. */
    FlatArrays zerosLike(NDManager manager) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        views.forEach((name, v) -> shapes.put(name, v.getShape()));
        return new FlatArrays(manager, shapes);
    }

    /**
     * Neighbours as one array of one axis.
     *
     * @param first index of the first, in the order of {@link #names()}
     * @param end index behind the last
     * @param owner of the view
     */
    NDArray neighbours(int first, int end, NDManager owner) {
        return block.get(owner, new NDIndex().addSliceDim(starts[first], starts[end]));
    }

    /** Their names, in the order in which they lie. */
    List<String> names() {
        return List.copyOf(views.keySet());
    }

    /** @throws IllegalArgumentException if there is none of this name */
    NDArray get(String name) {
        NDArray view = views.get(name);
        if (view == null) {
            throw new IllegalArgumentException("No array '%s'".formatted(name));
        }
        return view;
    }

    /** Overwrites an array in its memory: set and copyTo give an array new memory, of which other views would know nothing. */
    static void overwrite(NDArray array, float[] values, NDManager step) {
        array.subi(array).addi(step.create(values, array.getShape()));
    }
}
