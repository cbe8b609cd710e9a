package dev.lathe.results;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * A graph as a person sees it: each operator that does work is a box, together with the normalization, non-linearity and reshapes that
 * alone read it. Boxes stand in schedule order and belong to the group (a stage's block, a layer) that their name begins with.
 */
final class GraphBoxes {
    /** What a box is mainly; one color each. */
    enum Kind {
        CONVOLUTION("convolution"),
        DEPTHWISE("depthwise convolution"),
        LINEAR("linear"),
        ATTENTION("matrix product"),
        NORM("normalization"),
        POOL("pooling"),
        SUM("sum"),
        GATE("gate"),
        INPUT("input"),
        OTHER("other");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    /**
     * One box.
     *
     * @param name its main node, without the group
     * @param group what it belongs to; empty for none
     * @param label what it does
     * @param shape what comes out
     * @param nodes names of its nodes, for a closer look
     * @param macs of all its nodes
     * @param sources indices of the boxes that it reads, increasing
     */
    record Box(
            Kind kind,
            String name,
            String group,
            String label,
            Shape shape,
            List<String> nodes,
            long macs,
            List<Integer> sources) {
        /** Channels or width: what the box's breadth shows. */
        int channels() {
            return shape.rank() == 3 ? shape.extent(0) : shape.last();
        }
    }

    private GraphBoxes() {}

    /** The inputs' boxes first, then those of the nodes. */
    static List<Box> of(Graph graph) {
        int[] readers = new int[graph.tensors()];
        for (Node n : graph.nodes()) {
            for (Tensor t : n.inputs()) {
                readers[t.id()]++;
            }
        }
        int[] boxOf = new int[graph.tensors()];
        List<List<Node>> members = new ArrayList<>();
        List<Box> boxes = new ArrayList<>();
        for (Tensor t : graph.inputs()) {
            boxOf[t.id()] = boxes.size();
            members.add(List.of());
            boxes.add(new Box(Kind.INPUT, t.name(), "", "input", t.shape(), List.of(t.name()), 0, List.of()));
        }
        for (Node n : graph.nodes()) {
            Tensor first = n.inputs().get(0);
            int producer = boxOf[first.id()];
            List<Node> before = members.get(producer);
            boolean last =
                    !before.isEmpty() && before.get(before.size() - 1).output().id() == first.id();
            if (isAttendant(n.op()) && n.inputs().size() == 1 && last && readers[first.id()] == 1) {
                before.add(n);
                boxOf[n.output().id()] = producer;
            } else {
                boxOf[n.output().id()] = members.size();
                members.add(new ArrayList<>(List.of(n)));
            }
        }
        for (int b = boxes.size(); b < members.size(); b++) {
            boxes.add(box(members.get(b), b, boxOf));
        }
        return List.copyOf(boxes);
    }

    private static boolean isAttendant(Operator op) {
        return op instanceof Operator.BatchNorm
                || op instanceof Operator.Activate
                || op instanceof Operator.Reshape
                || op instanceof Operator.Transpose
                || op instanceof Operator.LayerScale
                || op instanceof Operator.AddTable
                || op instanceof Operator.Softmax;
    }

    private static Box box(List<Node> nodes, int index, int[] boxOf) {
        TreeSet<Integer> sources = new TreeSet<>();
        long macs = 0;
        StringBuilder label = new StringBuilder();
        for (Node n : nodes) {
            for (Tensor t : n.inputs()) {
                sources.add(boxOf[t.id()]);
            }
            macs += n.macs();
            String word = label(n.op());
            if (!word.isEmpty()) {
                label.append(label.isEmpty() ? "" : " + ").append(word);
            }
        }
        sources.remove(index);
        Node main = nodes.get(0);
        String base = main.op() instanceof Operator.Conv2d && main.name().endsWith(".conv")
                ? main.name().substring(0, main.name().length() - 5)
                : main.name();
        String group = group(base);
        return new Box(
                kind(main.op()),
                group.isEmpty() ? base : base.substring(group.length() + 1),
                group,
                label.isEmpty() ? main.op().type().toLowerCase(Locale.ROOT) : label.toString(),
                nodes.get(nodes.size() - 1).output().shape(),
                nodes.stream().map(Node::name).toList(),
                macs,
                List.copyOf(sources));
    }

    /** The longest beginning that ends with a number, of at most three parts; else the first part. */
    private static String group(String name) {
        String[] parts = name.split("\\.", -1);
        for (int n = Math.min(3, parts.length - 1); n >= 1; n--) {
            String part = parts[n - 1];
            if (!part.isEmpty() && Character.isDigit(part.charAt(part.length() - 1))) {
                return String.join(".", Arrays.asList(parts).subList(0, n));
            }
        }
        return parts.length > 1 ? parts[0] : "";
    }

    private static Kind kind(Operator op) {
        if (op instanceof Operator.Conv2d c) {
            return c.isDepthwise() ? Kind.DEPTHWISE : Kind.CONVOLUTION;
        }
        if (op instanceof Operator.Linear) {
            return Kind.LINEAR;
        }
        if (op instanceof Operator.MatMul
                || op instanceof Operator.RelativeKeys
                || op instanceof Operator.RelativeValues) {
            return Kind.ATTENTION;
        }
        if (op instanceof Operator.LayerNorm || op instanceof Operator.BatchNorm) {
            return Kind.NORM;
        }
        if (op instanceof Operator.Pool2d
                || op instanceof Operator.GlobalAveragePool
                || op instanceof Operator.MeanTokens) {
            return Kind.POOL;
        }
        if (op instanceof Operator.Add) {
            return Kind.SUM;
        }
        return op instanceof Operator.Gate ? Kind.GATE : Kind.OTHER;
    }

    /** What an operator does, in a few words; empty for what goes without saying. */
    private static String label(Operator op) {
        if (op instanceof Operator.Conv2d c) {
            String kernel = c.kernelY() + "×" + c.kernelX();
            String stride = c.strideX() == 1 && c.strideY() == 1 ? "" : " /" + c.strideY();
            String groups = c.groups() > 1 && !c.isDepthwise() ? ", " + c.groups() + " groups" : "";
            return (c.isDepthwise() ? "depthwise " : "conv ") + kernel + stride + groups;
        }
        if (op instanceof Operator.Pool2d p) {
            return "%s pool %d×%d /%d"
                    .formatted(p.kind().name().toLowerCase(Locale.ROOT), p.kernelY(), p.kernelX(), p.strideY());
        }
        if (op instanceof Operator.Activate a) {
            return a.function().name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
        if (op instanceof Operator.BatchNorm
                || op instanceof Operator.Reshape
                || op instanceof Operator.Transpose
                || op instanceof Operator.LayerScale) {
            return "";
        }
        String type = op.type();
        return op instanceof Operator.AddTable
                ? "positions"
                : op instanceof Operator.MatMul
                        ? "matrix product"
                        : type.replaceAll("([a-z0-9])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
    }
}
