package dev.lathe.predict.help;

import dev.lathe.base.InvalidInputException;
import dev.lathe.predict.adapt.ChoiceEncoding;
import java.util.List;
import java.util.TreeSet;

/**
 * How the choices of an architecture become a graph: the same nodes and edges for every architecture, with node types that
 * the choices set. The last node is the global one, which reads all.
 *
 * @param encoding choices it understands
 * @param columns of each node: the decision that sets its type, or -1 where the type is fixed
 * @param inputs of each node: the nodes it sums, itself among them
 */
public record CellGraph(ChoiceEncoding encoding, List<Integer> columns, List<List<Integer>> inputs) {
    public CellGraph {
        columns = List.copyOf(columns);
        inputs = inputs.stream().map(List::copyOf).toList();
        int n = columns.size();
        if (n == 0 || inputs.size() != n) {
            throw new IllegalArgumentException("A graph has nodes, and inputs of each");
        }
        for (int v = 0; v < n; v++) {
            if (columns.get(v) < -1 || columns.get(v) >= encoding.columns().size()) {
                throw new IllegalArgumentException("Node %d is set by no decision of the table".formatted(v));
            }
            if (inputs.get(v).stream().anyMatch(i -> i < 0 || i >= n)
                    || !inputs.get(v).contains(v)
                    || new TreeSet<>(inputs.get(v)).size() != inputs.get(v).size()) {
                throw new IllegalArgumentException("Node %d sums itself and other nodes, each once".formatted(v));
            }
        }
        if (inputs.get(n - 1).size() != n) {
            throw new IllegalArgumentException("The last node reads all");
        }
    }

    /**
     * The graph of edges from node to node, to which the loops and the global node are added.
     *
     * @param columns of each node but the global one
     * @param edges pairs (from, to)
     */
    public static CellGraph of(ChoiceEncoding encoding, List<Integer> columns, int[][] edges) {
        int n = columns.size();
        List<TreeSet<Integer>> inputs = new java.util.ArrayList<>();
        for (int v = 0; v <= n; v++) {
            inputs.add(new TreeSet<>(List.of(v)));
            inputs.get(v)
                    .addAll(
                            v < n
                                    ? List.of()
                                    : java.util.stream.IntStream.range(0, n)
                                            .boxed()
                                            .toList());
        }
        for (int[] e : edges) {
            inputs.get(e[1]).add(e[0]);
        }
        List<Integer> all = new java.util.ArrayList<>(columns);
        all.add(-1);
        return new CellGraph(
                encoding, all, inputs.stream().map(s -> List.copyOf(s)).toList());
    }

    /** For tables of which no graph is known: a node a decision, read by the global node alone. */
    public static CellGraph star(ChoiceEncoding encoding) {
        List<Integer> columns = java.util.stream.IntStream.range(
                        0, encoding.columns().size())
                .boxed()
                .toList();
        return of(encoding, columns, new int[0][]);
    }

    /** Number of node types: the choices', then one for each fixed node; in a star, the choices of each decision apart. */
    public int types() {
        int fixed = (int) columns.stream().filter(c -> c < 0).count();
        return (isStar() ? encoding.columns().size() : 1) * encoding.size() + fixed;
    }

    /** Where no edge tells the decisions apart, their types must. */
    private boolean isStar() {
        for (int v = 0; v < columns.size() - 1; v++) {
            if (inputs.get(v).size() > 1) {
                return false;
            }
        }
        return true;
    }

    /**
     * Type of each node of each architecture, shape (n, nodes).
     *
     * @throws InvalidInputException if a choice is one that no architecture of the table made
     */
    int[][] types(int[][] architectures) {
        boolean star = isStar();
        ChoiceEncoding.Counter counter = encoding.counter();
        int[][] types = new int[architectures.length][columns.size()];
        int firstFixed = (star ? encoding.columns().size() : 1) * encoding.size();
        for (int i = 0; i < types.length; i++) {
            int[] slots = counter.slots(architectures[i]);
            int fixed = 0;
            for (int v = 0; v < types[i].length; v++) {
                int c = columns.get(v);
                types[i][v] = c < 0 ? firstFixed + fixed++ : (star ? c * encoding.size() : 0) + slots[c];
            }
        }
        return types;
    }
}
