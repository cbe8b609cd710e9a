package dev.lathe.graph;

import java.util.List;

/**
 * The part of a shared parameter that one node uses: a range per axis. Two architectures share weights exactly where their
 * slices of one parameter overlap.
 *
 * @param parameter name of the shared parameter, unique in a search space, for example {@code stage1.block0.expand.weight}
 * @param ranges one range per axis of the parameter
 */
public record WeightSlice(String parameter, List<Range> ranges) {
    public WeightSlice {
        ranges = List.copyOf(ranges);
        if (ranges.isEmpty()) {
            throw new IllegalArgumentException("Slice of parameter '%s' has no axis".formatted(parameter));
        }
    }

    public static WeightSlice of(String parameter, Range... ranges) {
        return new WeightSlice(parameter, List.of(ranges));
    }

    /** A slice that starts at index 0 on every axis, with these extents. */
    public static WeightSlice first(String parameter, int... extents) {
        Range[] ranges = new Range[extents.length];
        for (int i = 0; i < extents.length; i++) {
            ranges[i] = Range.first(extents[i]);
        }
        return new WeightSlice(parameter, List.of(ranges));
    }

    public int extent(int axis) {
        return ranges.get(axis).length();
    }

    public int rank() {
        return ranges.size();
    }

    public long elements() {
        long n = 1;
        for (int i = 0; i < ranges.size(); i++) {
            n *= ranges.get(i).length();
        }
        return n;
    }

    /** Extents of the slice, one per axis. */
    public int[] extents() {
        int[] e = new int[ranges.size()];
        for (int i = 0; i < e.length; i++) {
            e[i] = ranges.get(i).length();
        }
        return e;
    }
}
