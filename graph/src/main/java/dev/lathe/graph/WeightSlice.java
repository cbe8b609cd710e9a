package dev.lathe.graph;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /**
     * Number of values that slices of one parameter hold together: one that several hold counts once.
     *
     * @param slices of one parameter, in any order
     */
    static long unionElements(List<WeightSlice> slices) {
        List<WeightSlice> left = new ArrayList<>();
        for (WeightSlice s : slices) {
            if (left.stream().noneMatch(other -> other.contains(s))) {
                left.removeIf(s::contains);
                left.add(s);
            }
        }
        if (left.isEmpty()) {
            return 0;
        }
        // |A ∪ rest| = |A| + |rest| - |rest ∩ A|; slices of a network are nested or disjoint, so this ends at once.
        WeightSlice a = left.remove(left.size() - 1);
        List<WeightSlice> shared = new ArrayList<>();
        for (WeightSlice s : left) {
            WeightSlice both = a.intersection(s);
            if (both != null) {
                shared.add(both);
            }
        }
        return a.elements() + unionElements(left) - unionElements(shared);
    }

    private boolean contains(WeightSlice other) {
        for (int i = 0; i < ranges.size(); i++) {
            Range mine = ranges.get(i);
            Range theirs = other.ranges.get(i);
            if (theirs.from() < mine.from() || theirs.to() > mine.to()) {
                return false;
            }
        }
        return true;
    }

    private @Nullable WeightSlice intersection(WeightSlice other) {
        List<Range> common = new ArrayList<>(ranges.size());
        for (int i = 0; i < ranges.size(); i++) {
            int from = Math.max(ranges.get(i).from(), other.ranges.get(i).from());
            int to = Math.min(ranges.get(i).to(), other.ranges.get(i).to());
            if (from >= to) {
                return null;
            }
            common.add(new Range(from, to));
        }
        return new WeightSlice(parameter, common);
    }
}
