package dev.lathe.space.nasbench;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.Architecture;
import java.util.Arrays;

/**
 * The benchmark's text form of a cell, {@code |op~0|+|op~0|op~1|+|op~0|op~1|op~2|}: for the nodes 1, 2 and 3 in turn the
 * operation on the edge from each earlier node, for example {@code
 * |nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|}.
 */
public final class NasBench201Text {
    private NasBench201Text() {}

    /** Of an architecture of {@link NasBench201Space}, canonical or not. */
    public static String toText(Architecture a) {
        check(a);
        StringBuilder b = new StringBuilder(96);
        for (int e = 0; e < Cells.EDGES; e++) {
            boolean first = e == Cells.firstEdge(Cells.TARGETS[e]);
            b.append(!first ? "" : e == 0 ? "|" : "+|");
            b.append(CellOperation.at(a.choice(e)).text())
                    .append('~')
                    .append(Cells.SOURCES[e])
                    .append('|');
        }
        return b.toString();
    }

    /**
     * The architecture as written, which need not be canonical.
     *
     * @throws InvalidInputException if the text is not of this form
     */
    public static Architecture parse(String text) {
        int[] choices = new int[Cells.EDGES];
        int at = 0;
        for (int e = 0; e < Cells.EDGES; e++) {
            String before = e != Cells.firstEdge(Cells.TARGETS[e]) ? "" : e == 0 ? "|" : "+|";
            String after = "~" + Cells.SOURCES[e] + "|";
            int choice = -1;
            for (CellOperation op : CellOperation.values()) {
                String term = before + op.text() + after;
                if (text.startsWith(term, at)) {
                    choice = op.ordinal();
                    at += term.length();
                    break;
                }
            }
            if (choice < 0) {
                throw malformed(text);
            }
            choices[e] = choice;
        }
        if (at != text.length()) {
            throw malformed(text);
        }
        return Architecture.of(NasBench201Space.NAME, choices);
    }

    /**
     * The text by which the benchmark's authors tell unique topologies apart (6,466 of the 15,625 cells): the output written
     * out as nested sums, a skip connection as what it passes on, and a connection of zeros as {@code #}.
     *
     * <p>It is not Lathe's canonical form. It parts networks that are one, where {@code x} and {@code x+#} stand for the same
     * sum; and it joins networks that are two, where nodes of equal text are two nodes with weights of their own in one cell, and
     * one node used twice in the other.
     */
    public static String uniqueForm(Architecture a) {
        check(a);
        String[] nodes = {"0", "", "", ""};
        for (int node = 1; node < Cells.NODES; node++) {
            String[] terms = new String[node];
            for (int source = 0; source < node; source++) {
                CellOperation op = CellOperation.at(a.choice(Cells.firstEdge(node) + source));
                String value = nodes[source];
                terms[source] = op == CellOperation.NONE || value.equals("#")
                        ? "#"
                        : op == CellOperation.SKIP ? value : "(" + value + ")@" + op.text();
            }
            Arrays.sort(terms);
            nodes[node] = String.join("+", terms);
        }
        return nodes[Cells.NODES - 1];
    }

    private static void check(Architecture a) {
        if (!a.space().equals(NasBench201Space.NAME) || a.length() != Cells.EDGES) {
            throw new IllegalArgumentException(
                    "Architecture %s is not of space %s".formatted(a, NasBench201Space.NAME));
        }
    }

    private static InvalidInputException malformed(String text) {
        return new InvalidInputException(
                ("'%s' is no NAS-Bench-201 cell; write |op~0|+|op~0|op~1|+|op~0|op~1|op~2|, each op one of none, skip_connect, "
                                + "nor_conv_1x1, nor_conv_3x3, avg_pool_3x3")
                        .formatted(Names.shown(text)));
    }
}
