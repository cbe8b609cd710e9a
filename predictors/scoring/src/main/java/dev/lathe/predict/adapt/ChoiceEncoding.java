package dev.lathe.predict.adapt;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Choices as numbers, for any table: how many decisions chose what, and on how many decisions two architectures differ.
 *
 * <p>Decisions whose names differ only in numbers ({@code op_1_0} and {@code op_2_1}, or {@code ks0} and {@code ks7}) are
 * of one kind and are counted together: what a cell costs on most devices depends on how often an operation occurs and
 * hardly on where. Where they stand is left to the distance.
 *
 * @param columns names of the decisions
 * @param values what the decisions of each kind may choose, ascending; kinds in order of their first column
 */
public record ChoiceEncoding(List<String> columns, List<List<Integer>> values) {
    public ChoiceEncoding {
        columns = List.copyOf(columns);
        values = values.stream().map(List::copyOf).toList();
        if (Arrays.stream(kinds(columns)).distinct().count() != values.size()) {
            throw new IllegalArgumentException("Each kind of column has its list of values");
        }
    }

    /** The encoding of what a table's architectures choose. */
    public static ChoiceEncoding of(LatencyTable table) {
        List<String> columns = table.columns();
        int[] kinds = kinds(columns);
        List<TreeSet<Integer>> seen = new ArrayList<>();
        Arrays.stream(kinds).distinct().forEach(k -> seen.add(new TreeSet<>()));
        for (int[] row : table.choices()) {
            for (int c = 0; c < row.length; c++) {
                seen.get(kinds[c]).add(row[c]);
            }
        }
        return new ChoiceEncoding(
                columns, seen.stream().map(s -> List.copyOf(s)).toList());
    }

    /** Kind of each column, numbered from 0 in order of appearance. */
    private static int[] kinds(List<String> columns) {
        Map<String, Integer> ofStem = new HashMap<>();
        int[] kinds = new int[columns.size()];
        for (int c = 0; c < kinds.length; c++) {
            String stem = columns.get(c).replaceAll("\\d+", "#");
            ofStem.putIfAbsent(stem, ofStem.size());
            kinds[c] = ofStem.get(stem);
        }
        return kinds;
    }

    /** Kind of each column. */
    int[] kinds() {
        return kinds(columns);
    }

    /** Place of the first value of each kind among all values. */
    int[] offsets() {
        int[] offsets = new int[values.size()];
        for (int k = 1; k < offsets.length; k++) {
            offsets[k] = offsets[k - 1] + values.get(k - 1).size();
        }
        return offsets;
    }

    /** Length of {@link #counts}. */
    public int size() {
        return values.stream().mapToInt(List::size).sum();
    }

    /** {@link Counter#counts} of each architecture. */
    public int[][] counts(int[][] architectures) {
        Counter counter = counter();
        int[][] counts = new int[architectures.length][];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = counter.counts(architectures[i]);
        }
        return counts;
    }

    /** Reads architectures; making it takes longer than reading one. */
    public Counter counter() {
        return new Counter();
    }

    /** Counts choices; holds what is looked up for every row. Immutable and thread-safe. */
    public final class Counter {
        private final int[] kinds = kinds(columns);
        private final int[] offsets = offsets();
        private final int[][] sorted = new int[values.size()][];
        private final int size = ChoiceEncoding.this.size();

        private Counter() {
            for (int k = 0; k < offsets.length; k++) {
                sorted[k] = values.get(k).stream().mapToInt(v -> v).toArray();
            }
        }

        /** Number of values of all kinds. */
        int size() {
            return size;
        }

        /**
         * How often each value of each kind was chosen, shape ({@link #size}).
         *
         * @throws InvalidInputException if a choice is one that no architecture of the table made
         */
        public int[] counts(int[] choices) {
            int[] counts = new int[size];
            for (int slot : slots(choices)) {
                counts[slot]++;
            }
            return counts;
        }

        /**
         * Place of each choice among the {@link #size} values, shape (columns).
         *
         * @throws InvalidInputException if a choice is one that no architecture of the table made
         */
        public int[] slots(int[] choices) {
            if (choices.length != columns.size()) {
                throw wrongNumber(choices);
            }
            int[] slots = new int[choices.length];
            slots(choices, slots);
            return slots;
        }

        /** Writes {@link #slots(int[])} into the given ones. */
        void slots(int[] choices, int[] slots) {
            if (choices.length != slots.length) {
                throw wrongNumber(choices);
            }
            for (int c = 0; c < choices.length; c++) {
                int slot = Arrays.binarySearch(sorted[kinds[c]], choices[c]);
                if (slot < 0) {
                    throw new InvalidInputException(
                            "choice %d of '%s' occurs in no architecture the predictor was trained on; known are %s"
                                    .formatted(choices[c], Names.shown(columns.get(c)), values.get(kinds[c])));
                }
                slots[c] = offsets[kinds[c]] + slot;
            }
        }

        private InvalidInputException wrongNumber(int[] choices) {
            return new InvalidInputException("an architecture makes %d choices, the predictor knows %d; give one each"
                    .formatted(choices.length, columns.size()));
        }
    }

    /** On how many decisions two architectures differ. */
    static int differing(int[] a, int[] b) {
        int n = 0;
        for (int i = 0; i < a.length; i++) {
            n += a[i] == b[i] ? 0 : 1;
        }
        return n;
    }

    /** Squared Euclidean distance of two rows of counts. */
    static int distance(int[] a, int[] b) {
        int s = 0;
        for (int i = 0; i < a.length; i++) {
            s += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return s;
    }
}
