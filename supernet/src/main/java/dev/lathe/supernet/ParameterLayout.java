package dev.lathe.supernet;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which shared parameters a space has: the union of the slices of its covering architectures, in order of first use. */
public final class ParameterLayout {
    /**
     * One shared parameter.
     *
     * @param role what it is for
     * @param extents its extents
     */
    public record Entry(ParameterUse.Role role, int[] extents) {
        /** Number of values. */
        public int elements() {
            long n = 1;
            for (int e : extents) {
                n *= e;
            }
            return Math.toIntExact(n);
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Entry e && role == e.role && Arrays.equals(extents, e.extents);
        }

        @Override
        public int hashCode() {
            return 31 * role.hashCode() + Arrays.hashCode(extents);
        }

        @Override
        public String toString() {
            return role + " " + Arrays.toString(extents);
        }
    }

    private final Map<String, Entry> entries;

    private ParameterLayout(Map<String, Entry> entries) {
        this.entries = Collections.unmodifiableMap(entries);
    }

    /** A layout as another process had it. */
    static ParameterLayout of(Map<String, Entry> entries) {
        return new ParameterLayout(new LinkedHashMap<>(entries));
    }

    /** @throws IllegalArgumentException if one parameter is used in two roles or with two ranks */
    public static ParameterLayout of(SearchSpace space) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (Architecture a : space.covering()) {
            Graph graph = space.lower(a);
            for (Node node : graph.nodes()) {
                for (ParameterUse use : node.op().parameters()) {
                    entries.merge(use.slice().parameter(), needed(use), ParameterLayout::union);
                }
            }
        }
        return new ParameterLayout(entries);
    }

    private static Entry needed(ParameterUse use) {
        WeightSlice s = use.slice();
        int[] to = new int[s.rank()];
        for (int i = 0; i < to.length; i++) {
            to[i] = s.ranges().get(i).to();
        }
        return new Entry(use.role(), to);
    }

    private static Entry union(Entry a, Entry b) {
        if (a.role() != b.role() || a.extents().length != b.extents().length) {
            throw new IllegalArgumentException("One parameter is used as %s and as %s".formatted(a, b));
        }
        int[] e = new int[a.extents().length];
        for (int i = 0; i < e.length; i++) {
            e[i] = Math.max(a.extents()[i], b.extents()[i]);
        }
        return new Entry(a.role(), e);
    }

    /** This layout and more parameters behind. */
    ParameterLayout with(Map<String, Entry> more) {
        Map<String, Entry> all = new LinkedHashMap<>(entries);
        all.putAll(more);
        return new ParameterLayout(all);
    }

    /** Parameters by name, in order of first use. */
    public Map<String, Entry> entries() {
        return entries;
    }

    /** @throws IllegalArgumentException if there is no such parameter */
    public Entry get(String parameter) {
        Entry e = entries.get(parameter);
        if (e == null) {
            throw new IllegalArgumentException(
                    "No shared parameter '%s': no covering architecture of the space uses it".formatted(parameter));
        }
        return e;
    }

    /** Whether the slice is the parameter as a whole. */
    boolean isWhole(WeightSlice slice) {
        int[] e = get(slice.parameter()).extents();
        for (int i = 0; i < e.length; i++) {
            if (slice.extent(i) != e[i]) {
                return false;
            }
        }
        return true;
    }
}
