package dev.lathe.predict.lookup;

import dev.lathe.graph.Graph;
import dev.lathe.graph.operator.FusedOperator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Times of single operators on one device, and what they say of a network: how many steps it has, and the time of its steps by
 * kind. An operator that is not in the table counts as the one of its kind that is nearest in work, by the ratio of the elements
 * that both move. Immutable and thread-safe.
 */
public final class OperatorTimes {
    /**
     * A row of the table.
     *
     * @param signature {@link FusedOperator#signature}
     * @param kind {@link FusedOperator#kind}
     * @param macs multiply-accumulates
     * @param movedElements elements read and written at least
     * @param ms time of a call that does this alone, in milliseconds
     */
    public record Entry(String signature, String kind, long macs, long movedElements, double ms) {
        public Entry {
            if (!(ms > 0 && Double.isFinite(ms)) || macs < 0 || movedElements < 1 || kind.isEmpty()) {
                throw new IllegalArgumentException("operator %s takes %s ms for %d MACs and %d elements of kind '%s'"
                        .formatted(signature, ms, macs, movedElements, kind));
            }
        }
    }

    private final double callMs;
    private final List<Entry> entries;
    private final Map<String, Entry> bySignature = new HashMap<>();
    private final Map<String, Integer> kinds = new HashMap<>();
    private final List<String> kindNames = new ArrayList<>();

    /**
     * @param callMs time of a call that does nothing, which is in every entry once
     * @param entries at least one, none twice
     * @throws IllegalArgumentException naming what is wrong
     */
    public OperatorTimes(double callMs, List<Entry> entries) {
        if (!(callMs > 0 && Double.isFinite(callMs)) || entries.isEmpty()) {
            throw new IllegalArgumentException("a table of %d operators, with an empty call of %s ms, says nothing"
                    .formatted(entries.size(), callMs));
        }
        this.callMs = callMs;
        this.entries = List.copyOf(entries);
        for (Entry e : entries) {
            if (bySignature.put(e.signature(), e) != null) {
                throw new IllegalArgumentException("operator %s stands there twice".formatted(e.signature()));
            }
            if (!kinds.containsKey(e.kind())) {
                kinds.put(e.kind(), kinds.size());
                kindNames.add(e.kind());
            }
        }
    }

    /** The table of operators whose times are known; those that are not are left out. */
    public static OperatorTimes of(double callMs, Map<String, FusedOperator> operators, Map<String, Double> ms) {
        List<Entry> entries = new ArrayList<>();
        operators.forEach((signature, f) -> {
            Double time = ms.get(signature);
            if (time != null) {
                entries.add(new Entry(signature, f.kind(), f.macs(), f.movedElements(), time));
            }
        });
        return new OperatorTimes(callMs, entries);
    }

    public double callMs() {
        return callMs;
    }

    public List<Entry> entries() {
        return entries;
    }

    /** Kinds of operators, in the order of {@link #of}. */
    public List<String> kinds() {
        return List.copyOf(kindNames);
    }

    /**
     * What the table says of a network: number of steps, then for each kind of {@link #kinds} the sum of its steps' times in
     * milliseconds, the empty call taken off each. Shape (1 + kinds).
     */
    public double[] of(Graph network) {
        double[] sums = new double[1 + kindNames.size()];
        for (FusedOperator f : FusedOperator.of(network)) {
            Entry e = bySignature.get(f.signature());
            double ms;
            if (e == null) {
                e = nearest(f);
                ms = Math.max(0, e.ms() - callMs) * f.movedElements() / e.movedElements();
            } else {
                ms = e.ms() - callMs;
            }
            sums[0]++;
            sums[1 + Objects.requireNonNull(kinds.get(e.kind()))] += ms;
        }
        return sums;
    }

    /** How many steps of a network are not in the table. */
    public long unknown(Graph network) {
        return FusedOperator.of(network).stream()
                .filter(f -> !bySignature.containsKey(f.signature()))
                .count();
    }

    private Entry nearest(FusedOperator f) {
        boolean isKnownKind = kinds.containsKey(f.kind());
        Entry best = entries.get(0);
        double least = Double.POSITIVE_INFINITY;
        for (Entry e : entries) {
            if (isKnownKind && !e.kind().equals(f.kind())) {
                continue;
            }
            double d = Math.abs(Math.log((1.0 + f.macs()) / (1.0 + e.macs())))
                    + Math.abs(Math.log((double) f.movedElements() / e.movedElements()));
            if (d < least) {
                least = d;
                best = e;
            }
        }
        return best;
    }
}
