package dev.lathe.space.nasbench;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The 15,625 cells and which of them are one network.
 *
 * <p>A cell has the nodes 0 (its input) to 3 (its output), and an edge from each node to each later one. A node is the sum
 * over its incoming edges. Written out, a cell is a directed acyclic graph of the operations that do something (1x1, 3x3,
 * pooling), where {@code none} is no connection, {@code skip_connect} is a second name of a value, and an operation whose
 * result never reaches the output, or whose source receives nothing, is left out. Two cells are one network exactly when
 * these graphs are isomorphic.
 *
 * <p>Cells are held as their choices, edge by edge in the order of {@link #SOURCES}. Which cells are equal is found once, by
 * a normal form of each graph: its operations in that order, inputs before users, whose description is the least.
 */
final class Cells {
    static final int NODES = 4;
    /** Source and target node of each edge, in the order of the text form. */
    static final int[] SOURCES = {0, 0, 1, 0, 1, 2};

    static final int[] TARGETS = {1, 2, 2, 3, 3, 3};
    static final int EDGES = SOURCES.length;
    static final int COUNT = power(CellOperation.count(), EDGES);

    /** The first edge that leads into each node; one past the last edge at the end. */
    private static final int[] FIRST_EDGE = {0, 0, 1, 3, 6};

    private Cells() {}

    /** Found at first use, because only the space needs it. */
    private static final class Table {
        /** The least number of each cell's class. */
        static final short[] REPRESENTATIVE = new short[COUNT];

        static final int CLASSES;

        static {
            Map<String, Short> first = new HashMap<>();
            int[] choices = new int[EDGES];
            for (int n = 0; n < COUNT; n++) {
                read(n, choices);
                String form = new Form(choices).text();
                Short known = first.putIfAbsent(form, (short) n);
                REPRESENTATIVE[n] = known == null ? (short) n : known;
            }
            CLASSES = first.size();
        }
    }

    static int firstEdge(int node) {
        return FIRST_EDGE[node];
    }

    /** Number of networks that differ. */
    static int classes() {
        return Table.CLASSES;
    }

    /**
     * The cell that stands for all cells of one network: the one with the least choices, first edge first, so that all that
     * leads nowhere is {@code none} (0).
     */
    static int[] representative(int[] choices) {
        int[] c = new int[EDGES];
        read(Table.REPRESENTATIVE[number(choices)], c);
        return c;
    }

    /** Whether every edge that is not {@code none} lies on a path from the input to the output. */
    static boolean isFullyUsed(int[] choices) {
        boolean[] reached = {true, false, false, false};
        boolean[] needed = {false, false, false, true};
        for (int e = 0; e < EDGES; e++) {
            reached[TARGETS[e]] |= choices[e] != 0 && reached[SOURCES[e]];
        }
        for (int e = EDGES - 1; e >= 0; e--) {
            needed[SOURCES[e]] |= choices[e] != 0 && needed[TARGETS[e]];
        }
        for (int e = 0; e < EDGES; e++) {
            if (choices[e] != 0 && !(reached[SOURCES[e]] && needed[TARGETS[e]])) {
                return false;
            }
        }
        return true;
    }

    private static int number(int[] choices) {
        int n = 0;
        for (int c : choices) {
            n = n * CellOperation.count() + c;
        }
        return n;
    }

    static void read(int number, int[] choices) {
        int n = number;
        for (int e = EDGES - 1; e >= 0; e--) {
            choices[e] = n % CellOperation.count();
            n /= CellOperation.count();
        }
    }

    private static int power(int base, int exponent) {
        int p = 1;
        for (int i = 0; i < exponent; i++) {
            p *= base;
        }
        return p;
    }

    /** The graph of one cell, and its normal form. Values are sums: how often each term, an operation or the input, occurs. */
    private static final class Form {
        /** The term that is the cell's input; the others are edges. */
        private static final int INPUT = EDGES;

        private final int[] choices;
        /** Of each node. */
        private final int[][] values = new int[NODES][EDGES + 1];

        private final boolean[] live = new boolean[EDGES];
        private int liveCount;
        private String best = "";

        Form(int[] choices) {
            this.choices = choices;
            values[0][INPUT] = 1;
            for (int e = 0; e < EDGES; e++) {
                int[] source = values[SOURCES[e]];
                int[] target = values[TARGETS[e]];
                CellOperation op = CellOperation.at(choices[e]);
                if (op == CellOperation.SKIP) {
                    for (int t = 0; t <= EDGES; t++) {
                        target[t] += source[t];
                    }
                } else if (op != CellOperation.NONE && Arrays.stream(source).anyMatch(n -> n > 0)) {
                    target[e] = 1;
                }
            }
            markLive(values[NODES - 1]);
        }

        private void markLive(int[] value) {
            for (int e = 0; e < EDGES; e++) {
                if (value[e] > 0 && !live[e]) {
                    live[e] = true;
                    liveCount++;
                    markLive(values[SOURCES[e]]);
                }
            }
        }

        String text() {
            best = "";
            place(new int[EDGES], 0, new StringBuilder());
            return best;
        }

        /** Appends the operations with the least description among those whose inputs stand; each of equals is tried. */
        private void place(int[] order, int placed, StringBuilder text) {
            if (placed == liveCount) {
                String whole = text + describe(values[NODES - 1], order, placed);
                if (best.isEmpty() || whole.compareTo(best) < 0) {
                    best = whole;
                }
                return;
            }
            String least = "";
            String[] descriptions = new String[EDGES];
            for (int e = 0; e < EDGES; e++) {
                if (live[e] && !contains(order, placed, e) && inputsStand(values[SOURCES[e]], order, placed)) {
                    String d = choices[e] + describe(values[SOURCES[e]], order, placed);
                    descriptions[e] = d;
                    least = least.isEmpty() || d.compareTo(least) < 0 ? d : least;
                }
            }
            int length = text.length();
            for (int e = 0; e < EDGES; e++) {
                if (least.equals(descriptions[e])) {
                    order[placed] = e;
                    place(order, placed + 1, text.append(least));
                    text.setLength(length);
                }
            }
        }

        /** How often the input and each placed operation occur in a sum. */
        private static String describe(int[] value, int[] order, int placed) {
            StringBuilder b = new StringBuilder().append('(').append(value[INPUT]);
            for (int i = 0; i < placed; i++) {
                b.append(value[order[i]]);
            }
            return b.append(')').toString();
        }

        private static boolean contains(int[] order, int placed, int edge) {
            for (int i = 0; i < placed; i++) {
                if (order[i] == edge) {
                    return true;
                }
            }
            return false;
        }

        private static boolean inputsStand(int[] value, int[] order, int placed) {
            for (int e = 0; e < EDGES; e++) {
                if (value[e] > 0 && !contains(order, placed, e)) {
                    return false;
                }
            }
            return true;
        }
    }
}
