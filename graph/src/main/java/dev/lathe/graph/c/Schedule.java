package dev.lathe.graph.c;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.memory.DeploymentPlan;
import dev.lathe.graph.memory.DeploymentPlan.Buffer;
import dev.lathe.graph.memory.DeploymentPlan.Kind;
import dev.lathe.graph.memory.DeploymentPlan.PatchStage;
import dev.lathe.graph.memory.DeploymentPlan.Region;
import dev.lathe.graph.memory.DeploymentPlan.Role;
import dev.lathe.graph.quant.IntegerOperator;
import dev.lathe.graph.quant.QuantizedGraph;
import dev.lathe.graph.quant.QuantizedGraph.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The body of the function that runs a network: a piece of C for each region of the plan, in its order. */
final class Schedule {
    /** Kernel rows for which the C has room. */
    static final int MOST_ROWS = 32;

    final Graph graph;
    final Constants constants;
    final Places places;
    private final QuantizedGraph network;
    private final DeploymentPlan plan;
    private final Map<Integer, Step> byHead = new HashMap<>();
    private final StringBuilder text = new StringBuilder();

    Schedule(QuantizedGraph network, DeploymentPlan plan, Constants constants) {
        this.network = network;
        this.plan = plan;
        this.constants = constants;
        graph = network.graph();
        places = new Places(graph, plan);
        network.steps().forEach(s -> byHead.put(s.head(), s));
    }

    String text() {
        Buffer input = places.find(Role.TENSOR, 0, 0);
        if (input != null) {
            line("  lathe_copy(input, %d, %s);", input.bytes(), Places.expression(input));
        }
        boolean[] inRegion = new boolean[graph.nodes().size()];
        plan.regions().forEach(r -> r.nodes().forEach(n -> inRegion[n] = true));
        int patched = plan.patchStage().map(PatchStage::regions).orElse(0);
        plan.patchStage().ifPresent(s -> new PatchCode(this, s, plan.regions().subList(0, patched)).write());
        for (Region r : plan.regions().subList(patched, plan.regions().size())) {
            say("", r);
            region(r);
        }
        Set<Integer> needed = new HashSet<>(Set.of(graph.output().id()));
        for (int i = network.steps().size() - 1; i >= 0; i--) {
            Step s = network.steps().get(i);
            if (needed.contains(s.output())) {
                needed.addAll(s.inputs());
                if (!inRegion[s.head()]) {
                    requireView(s);
                }
            }
        }
        int last = 0;
        for (Region r : plan.regions()) {
            last = Math.max(last, r.lastStep());
        }
        long classes = graph.output().shape().elements();
        Buffer logits = places.find(Role.TENSOR, places.root(graph.output().id()), last);
        if (logits == null || logits.bytes() < 2 * classes) {
            throw new InvalidInputException(
                    "The C form of %s needs logits that no node reads; export it as ONNX".formatted(graph.name()));
        }
        line("  for (int i = 0; i < %d; i++) {", classes);
        line("    const int8_t *p = %s + 2 * i;", places.tensor(graph.output().id(), last));
        line("    logits[i] = (int16_t)((uint8_t)p[0] | p[1] * 256);");
        line("  }");
        return text.toString();
    }

    void line(String format, Object... values) {
        text.append(format.formatted(values)).append('\n');
    }

    /** What a region does, as a comment. */
    void say(String indent, Region r) {
        line("  %s/* %s */", indent, r.words().replace("*/", "* /"));
    }

    /** What a region computes, in order. */
    List<Step> steps(Region r) {
        List<Step> steps = new ArrayList<>();
        for (int n : r.nodes()) {
            Step s = byHead.get(n);
            if (s != null) {
                steps.add(s);
            }
        }
        return steps;
    }

    private void region(Region r) {
        List<Step> steps = steps(r);
        switch (r.kind()) {
            case OPERATOR, IMAGE_BANDS -> operator(r, steps);
            case PATCH_EMBEDDING -> embedding(r, steps);
            case TOKEN_TILES -> new TokenTileCode(this, r, steps).write();
            case ATTENTION_ROWS -> new AttentionCode(this, r, steps).write();
            case POOLED_TOKENS -> pooled(r, steps);
        }
    }

    Node node(Step s) {
        return graph.nodes().get(s.head());
    }

    Shape shape(int tensor) {
        return graph.tensor(tensor).shape();
    }

    InvalidInputException refuse(Step s, String where) {
        return new InvalidInputException("The C form of %s has no %s %s (node %s); export it as ONNX"
                .formatted(graph.name(), node(s).op().type(), where, node(s).name()));
    }

    /** Images lie with their channels last: as a sequence of numbers they are in another order than the graph's. */
    private void requireView(Step s) {
        Shape in = node(s).inputs().get(0).shape();
        Shape out = node(s).output().shape();
        boolean same = isInOrder(in) && isInOrder(out);
        if (!(node(s).op() instanceof Operator.Reshape) || !same) {
            throw refuse(s, "of an image outside patch embedding and attention");
        }
    }

    private static boolean isInOrder(Shape s) {
        return s.rank() < 3 || s.extent(0) == 1 || s.extent(1) * s.extent(2) == 1;
    }

    /** The table that a weighted sum's results go through, if the next step is one and reads nothing else. */
    static IntegerOperator.@Nullable Lookup lookupAfter(List<Step> steps, int i) {
        return i + 1 < steps.size()
                        && steps.get(i + 1).inputs().equals(List.of(steps.get(i).output()))
                        && steps.get(i + 1).operator() instanceof IntegerOperator.Lookup l
                ? l
                : null;
    }

    private void operator(Region r, List<Step> steps) {
        Step main = steps.get(0);
        String out = places.at(Role.TENSOR, places.root(r.output()), r.lastStep());
        int i = 1;
        if (main.operator() instanceof IntegerOperator.Weighted w) {
            IntegerOperator.Lookup lut = lookupAfter(steps, 0);
            i += lut == null ? 0 : 1;
            String sum = "0";
            String addend = "0";
            if (i < steps.size() && steps.get(i).operator() instanceof IntegerOperator.Sum s) {
                boolean isLeft =
                        steps.get(i).inputs().get(0) == steps.get(i - 1).output();
                sum = "&" + constants.sum(node(steps.get(i)), s, isLeft);
                addend = places.tensor(steps.get(i).inputs().get(isLeft ? 1 : 0), r.firstStep());
                i++;
            }
            if (r.kind() == Kind.IMAGE_BANDS) {
                bands(r, main, w, lut, out, addend);
            } else {
                weighted(r, main, w, lut, out, sum, addend);
            }
        } else {
            other(r, main, out);
        }
        for (; i < steps.size(); i++) {
            inPlace(steps.get(i), main, out);
        }
    }

    /** What is done to each value of a result by itself. */
    private void inPlace(Step s, Step main, String out) {
        Node node = node(s);
        if (s.operator() instanceof IntegerOperator.Lookup l) {
            String table = constants.bytes(node, "lut", l.values());
            line(
                    "  lathe_lookup(%s, %s, %d, %2$s);",
                    table, out, shape(s.output()).elements());
        } else if (s.operator() instanceof IntegerOperator.Weighted w
                && !(node.op() instanceof Operator.Conv2d)
                && !(node.op() instanceof Operator.Linear)) {
            line("  lathe_depthwise(&%s, %s, %2$s, 0, 0, 0);", constants.conv(node, w, null), out);
        } else {
            throw refuse(s, "after " + node(main).op().type());
        }
    }

    private void bands(
            Region r,
            Step main,
            IntegerOperator.Weighted w,
            IntegerOperator.@Nullable Lookup lut,
            String out,
            String addend) {
        if (!(node(main).op() instanceof Operator.Conv2d c)
                || c.groups() > 1
                || c.kernelY() > MOST_ROWS
                || !addend.equals("0")
                || w.high() > Byte.MAX_VALUE) {
            throw refuse(main, "of this kind on the image");
        }
        String conv = constants.conv(node(main), w, lut);
        line("  lathe_conv2d_bands(&%s, input, %s, %s);", conv, places.at(Role.IMAGE_BAND, 0, r.firstStep()), out);
    }

    private void weighted(
            Region r,
            Step main,
            IntegerOperator.Weighted w,
            IntegerOperator.@Nullable Lookup lut,
            String out,
            String sum,
            String addend) {
        Node node = node(main);
        String x = places.tensor(main.inputs().get(0), r.firstStep());
        Shape in = node.inputs().get(0).shape();
        int outputs = w.bias().length;
        Buffer scratch = places.find(Role.SCRATCH, places.root(r.output()), r.firstStep());
        if (w.high() > Byte.MAX_VALUE) {
            if (!(node.op() instanceof Operator.Linear) || in.rank() != 1 || lut != null || !sum.equals("0")) {
                throw refuse(main, "that gives the logits of more than one position");
            }
            line("  lathe_linear16(&%s, %s, %s);", constants.linear(node, w, null), x, out);
        } else if (node.op() instanceof Operator.Linear) {
            long tokens = in.elements() / in.last();
            String l = constants.linear(node, w, lut);
            if (scratch == null) {
                line("  lathe_linear(&%s, %s, %d, %s, %d, %s, %s);", l, x, tokens, out, outputs, sum, addend);
            } else {
                int tile = (int) (scratch.bytes() / outputs);
                line("  for (int t = 0; t < %d; t += %d) {", tokens, tile);
                line("    const int n = %d - t < %d ? %1$d - t : %2$d;", tokens, tile);
                line(
                        "    lathe_linear(&%s, %s + t * %d, n, %s, %d, 0, 0);",
                        l, x, in.last(), Places.expression(scratch), outputs);
                line("    lathe_copy(%s, n * %d, %s + t * %2$d);", Places.expression(scratch), outputs, out);
                line("  }");
            }
        } else if (!(node.op() instanceof Operator.Conv2d c)) {
            line("  lathe_depthwise(&%s, %s, %s, 0, %s, %s);", constants.conv(node, w, lut), x, out, sum, addend);
        } else {
            boolean depthwise = c.isDepthwise() && outputs == c.groups();
            if (c.kernelY() > MOST_ROWS) {
                throw refuse(main, "of more than %d rows".formatted(MOST_ROWS));
            }
            if (c.isPointwise()) {
                String l = constants.linear(node, w, lut);
                int pixels = in.extent(1) * in.extent(2);
                line("  lathe_linear(&%s, %s, %d, %s, %d, %s, %s);", l, x, pixels, out, outputs, sum, addend);
            } else if (depthwise) {
                String to = scratch == null ? "0" : Places.expression(scratch);
                String conv = constants.conv(node, w, lut);
                line("  lathe_depthwise(&%s, %s, %s, %s, %s, %s);", conv, x, out, to, sum, addend);
            } else {
                String kernel = c.groups() > 1 ? "lathe_grouped" : "lathe_conv2d";
                line("  %s(&%s, %s, %s, %s, %s);", kernel, constants.conv(node, w, lut), x, out, sum, addend);
            }
        }
    }

    private void other(Region r, Step s, String out) {
        Node node = node(s);
        IntegerOperator op = s.operator();
        String x = places.tensor(s.inputs().get(0), r.firstStep());
        Shape in = node.inputs().get(0).shape();
        if (op instanceof IntegerOperator.Norm n) {
            line("  lathe_layernorm(&%s, %s, %d, %s);", constants.norm(node, n), x, in.elements() / in.last(), out);
        } else if (op instanceof IntegerOperator.Sum a) {
            String y = places.tensor(s.inputs().get(1), r.firstStep());
            line("  lathe_add(&%s, %s, %s, %d, %s);", constants.sum(node, a, false), x, y, in.elements(), out);
        } else if (op instanceof IntegerOperator.Lookup l) {
            line("  lathe_lookup(%s, %s, %d, %s);", constants.bytes(node, "lut", l.values()), x, in.elements(), out);
        } else if (op instanceof IntegerOperator.Mean m) {
            int wide = m.high() > Byte.MAX_VALUE ? 1 : 0;
            int channels = node.output().shape().extent(0);
            long count = in.elements() / channels;
            line("  lathe_mean(&%s, %s, %d, %d, %s, %d);", constants.mean(node, m), x, count, channels, out, wide);
        } else if (op instanceof IntegerOperator.Gating g) {
            String gate = places.tensor(s.inputs().get(1), r.firstStep());
            int plane = in.extent(1) * in.extent(2);
            line("  lathe_gate(&%s, %s, %s, %d, %d, %s);", constants.gate(node, g), x, gate, plane, in.extent(0), out);
        } else if (node.op() instanceof Operator.Pool2d) {
            Buffer scratch = places.find(Role.SCRATCH, places.root(r.output()), r.firstStep());
            String to = scratch == null ? "0" : Places.expression(scratch);
            line("  lathe_pool2d(&%s, %s, %s, %s);", constants.pool(node, op), x, out, to);
        } else if (node.op() instanceof Operator.Slice c && in.rank() < 3) {
            long row = in.elements() / in.extent(0);
            line(
                    "  lathe_copy(%s + %d, %d, %s);",
                    x, c.range().from() * row, c.range().length() * row, out);
        } else if (op instanceof IntegerOperator.Table t && in.rank() == 2) {
            if (!x.equals(out)) {
                line("  lathe_copy(%s, %d, %s);", x, in.elements(), out);
            }
            line("  lathe_table(%s, %s, %d);", constants.bytes(node, "table", t.values()), out, in.elements());
        } else {
            throw refuse(s, "outside patch embedding and attention");
        }
    }

    private void embedding(Region r, List<Step> steps) {
        Step main = steps.get(0);
        Operator.Conv2d c = (Operator.Conv2d) node(main).op();
        if (c.groups() > 1
                || !(main.operator() instanceof IntegerOperator.Weighted w)
                || c.kernelY() > node(main).inputs().get(0).shape().extent(1)) {
            throw refuse(main, "of groups, or larger than the image, as a patch embedding");
        }
        String out = places.at(Role.TENSOR, places.root(r.output()), r.lastStep());
        int width = w.bias().length;
        int prepended = 0;
        for (Step s : steps) {
            prepended += s.operator() instanceof IntegerOperator.Prepend ? 1 : 0;
        }
        Buffer band = places.find(Role.IMAGE_BAND, 0, r.firstStep());
        IntegerOperator.Lookup lut = lookupAfter(steps, 0);
        line(
                "  lathe_patches(&%s, %s, %s, %s, %s + %d);",
                constants.conv(node(main), w, lut),
                band == null ? places.tensor(main.inputs().get(0), r.firstStep()) : "input",
                band == null ? "0" : Places.expression(band),
                places.at(Role.IMAGE_PATCH, 0, r.firstStep()),
                out,
                prepended * width);
        for (int i = lut == null ? 1 : 2; i < steps.size(); i++) {
            Step s = steps.get(i);
            if (s.operator() instanceof IntegerOperator.Prepend p) {
                prepended--;
                String token = constants.bytes(node(s), "token", p.values());
                line("  lathe_copy(%s, %d, %s + %d);", token, width, out, prepended * width);
            } else if (s.operator() instanceof IntegerOperator.Table t) {
                String table = constants.bytes(node(s), "table", t.values());
                line("  lathe_table(%s, %s + %d, %d);", table, out, prepended * width, t.values().length);
            } else if (!(s.operator() instanceof IntegerOperator.Move)) {
                throw refuse(s, "in a patch embedding");
            }
        }
    }

    private void pooled(Region r, List<Step> steps) {
        Step last = steps.get(steps.size() - 1);
        IntegerOperator.Mean m = (IntegerOperator.Mean) last.operator();
        String norm = steps.get(0).operator() instanceof IntegerOperator.Norm n
                ? "&" + constants.norm(node(steps.get(0)), n)
                : "0";
        Shape in = node(last).inputs().get(0).shape();
        int first = 0;
        for (Step s : steps) {
            first = node(s).op() instanceof Operator.Slice c ? c.range().from() : first;
        }
        line(
                "  lathe_pooled(%s, &%s, %s + %d, %d, %d, %s, %s, %d);",
                norm,
                constants.mean(node(last), m),
                places.tensor(steps.get(0).inputs().get(0), r.firstStep()),
                first * in.extent(1),
                in.extent(0),
                in.extent(1),
                places.at(Role.SUM, -1, r.firstStep()),
                places.at(Role.TENSOR, places.root(r.output()), r.lastStep()),
                m.high() > Byte.MAX_VALUE ? 1 : 0);
    }
}
