package dev.lathe.graph;

/** Indices {@code from} (included) to {@code to} (not included) of one axis of a parameter. */
public record Range(int from, int to) {
    private static final Range[] PREFIXES = new Range[4097];

    static {
        for (int n = 1; n < PREFIXES.length; n++) {
            PREFIXES[n] = new Range(0, n);
        }
    }

    public Range {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException(
                    "A range is not empty and starts at 0 or later, but was [%d, %d)".formatted(from, to));
        }
    }

    /** The first {@code n} indices; shared instances for small n, because every lowering makes hundreds. */
    public static Range first(int n) {
        return n > 0 && n < PREFIXES.length ? PREFIXES[n] : new Range(0, n);
    }

    /** The middle {@code n} of {@code all} indices: how a small kernel lies in a larger one. */
    public static Range middle(int n, int all) {
        int from = (all - n) / 2;
        return new Range(from, from + n);
    }

    public int length() {
        return to - from;
    }
}
