package dev.lathe.graph;

import java.util.Arrays;

/** The extents of a tensor, without the batch axis; each at least 1. Immutable. */
public final class Shape {
    private final int[] extents;
    private final long elements;

    private Shape(int[] extents) {
        long product = 1;
        for (int e : extents) {
            if (e < 1) {
                throw new IllegalArgumentException(
                        "A shape has extents of at least 1, but was " + Arrays.toString(extents));
            }
            product = Math.multiplyExact(product, (long) e);
        }
        if (product > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("A tensor of shape %s has %d elements; at most %d can be indexed"
                    .formatted(Arrays.toString(extents), product, Integer.MAX_VALUE));
        }
        this.extents = extents;
        this.elements = product;
    }

    public static Shape of(int... extents) {
        return new Shape(extents.clone());
    }

    public int rank() {
        return extents.length;
    }

    public int extent(int axis) {
        return extents[axis];
    }

    public int last() {
        return extents[extents.length - 1];
    }

    public long elements() {
        return elements;
    }

    public int[] toArray() {
        return extents.clone();
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Shape s && Arrays.equals(extents, s.extents);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(extents);
    }

    @Override
    public String toString() {
        return Arrays.toString(extents);
    }
}
