package dev.lathe.graph.c;

import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.memory.PatchGeometry;
import dev.lathe.graph.quant.IntegerOperator;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The constants of a network as C definitions, all of them const, so that they stay in flash. */
final class Constants {
    private static final int PER_LINE = 120;

    private final StringBuilder text = new StringBuilder();
    private final Set<String> names = new HashSet<>();
    private long bytes;

    String text() {
        return text.toString();
    }

    /** Of the arrays; the few words of each layer's description come on top. */
    long bytes() {
        return bytes;
    }

    /** A C identifier of its own for a node. */
    private String name(Node node) {
        String base = "n_" + node.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
        String name = base;
        for (int i = 2; !names.add(name); i++) {
            name = base + "_" + i;
        }
        return name;
    }

    private interface Values {
        int at(int i);
    }

    private String array(String type, int width, String name, int n, Values values) {
        bytes += (long) n * width;
        text.append("static const ").append(type).append(' ').append(name).append("[] = {");
        int column = PER_LINE;
        for (int i = 0; i < n; i++) {
            String v = Integer.toString(values.at(i));
            column += v.length() + 1;
            if (column > PER_LINE) {
                text.append("\n  ");
                column = v.length() + 2;
            }
            text.append(v).append(',');
        }
        text.append("\n};\n");
        return name;
    }

    String bytes(Node node, String what, byte[] v) {
        return array("int8_t", 1, name(node) + "_" + what, v.length, i -> v[i]);
    }

    private String struct(String type, String name, Object... fields) {
        text.append("static const %s %s = {".formatted(type, name));
        for (int i = 0; i < fields.length; i++) {
            text.append(i == 0 ? "" : ", ").append(fields[i]);
        }
        text.append("};\n");
        return name;
    }

    private String lin(String name, IntegerOperator.Weighted w, IntegerOperator.@Nullable Lookup lut) {
        int n = w.bias().length;
        return "{%s, %s, %s, %s, %s, %d, %d, %d, %d, %d}"
                .formatted(
                        array("int8_t", 1, name + "_w", w.weights().length, i -> w.weights()[i]),
                        array("int32_t", 4, name + "_b", n, i -> w.bias()[i]),
                        array("int32_t", 4, name + "_m", n, i -> w.multiplier()[i]),
                        array("uint8_t", 1, name + "_s", n, i -> w.shift()[i]),
                        lut == null ? "0" : array("int8_t", 1, name + "_lut", 256, i -> lut.values()[i]),
                        w.weights().length / n,
                        n,
                        w.zeroPoint(),
                        w.low(),
                        w.high());
    }

    String linear(Node node, IntegerOperator.Weighted w, IntegerOperator.@Nullable Lookup lut) {
        String name = name(node);
        return struct("lathe_lin", name, stripped(lin(name, w, lut)));
    }

    private static String stripped(String braces) {
        return braces.substring(1, braces.length() - 1);
    }

    String conv(Node node, IntegerOperator.Weighted w, IntegerOperator.@Nullable Lookup lut) {
        String name = name(node);
        Shape in = node.inputs().get(0).shape();
        Shape out = node.output().shape();
        if (!(node.op() instanceof Operator.Conv2d c)) {
            // A factor per channel is a depthwise convolution of one tap.
            int channels = in.extent(0);
            int h = in.rank() == 3 ? in.extent(1) : 1;
            int wide = in.rank() == 3 ? in.extent(2) : 1;
            return struct(
                    "lathe_conv", name, lin(name, w, lut), h, wide, channels, h, wide, 1, 1, 1, 1, 0, 0, channels);
        }
        return struct(
                "lathe_conv",
                name,
                lin(name, w, lut),
                in.extent(1),
                in.extent(2),
                in.extent(0),
                out.extent(1),
                out.extent(2),
                c.kernelY(),
                c.kernelX(),
                c.strideY(),
                c.strideX(),
                c.paddingY(),
                c.paddingX(),
                c.groups());
    }

    String pool(Node node, IntegerOperator op) {
        String name = name(node);
        Operator.Pool2d p = (Operator.Pool2d) node.op();
        Shape in = node.inputs().get(0).shape();
        Shape out = node.output().shape();
        String m = "0";
        String s = "0";
        int zx = 0;
        int z = 0;
        if (op instanceof IntegerOperator.AveragePool a) {
            int n = a.factors().size();
            m = array("int32_t", 4, name + "_m", n, i -> a.factors().get(i).value());
            s = array("uint8_t", 1, name + "_s", n, i -> a.factors().get(i).shift());
            zx = a.inputZeroPoint();
            z = a.zeroPoint();
        }
        return struct(
                "lathe_pool",
                name,
                m,
                s,
                in.extent(1),
                in.extent(2),
                in.extent(0),
                out.extent(1),
                out.extent(2),
                p.kernelY(),
                p.kernelX(),
                p.strideY(),
                p.strideX(),
                p.paddingY(),
                p.paddingX(),
                zx,
                z);
    }

    String norm(Node node, IntegerOperator.Norm n) {
        String name = name(node);
        int c = n.gains().length;
        return struct(
                "lathe_norm",
                name,
                array("int16_t", 2, name + "_g", c, i -> n.gains()[i]),
                array("int32_t", 4, name + "_b", c, i -> n.offsets()[i]),
                c,
                n.fraction(),
                n.zeroPoint(),
                n.epsilon());
    }

    /** @param isLeft whether the result that is added is the left operand */
    String sum(Node node, IntegerOperator.Sum s, boolean isLeft) {
        return struct(
                "lathe_sum",
                name(node),
                isLeft ? s.right() : s.left(),
                isLeft ? s.left() : s.right(),
                s.shift(),
                s.zeroPoint());
    }

    String attention(Node node, IntegerOperator.Attention a) {
        return struct(
                "lathe_att",
                name(node),
                a.score().value(),
                a.output().value(),
                a.score().shift(),
                a.output().shift());
    }

    /** The tables of relative positions. */
    String near(Node node, IntegerOperator.Relative r) {
        String name = name(node);
        return struct(
                "lathe_near",
                name,
                array("int8_t", 1, name + "_v", r.vertical().length, i -> r.vertical()[i]),
                array("int8_t", 1, name + "_h", r.horizontal().length, i -> r.horizontal()[i]),
                r.factor().value(),
                r.factor().shift(),
                r.columns(),
                r.clip());
    }

    String mean(Node node, IntegerOperator.Mean m) {
        return struct(
                "lathe_scale",
                name(node),
                m.factor().value(),
                m.factor().shift(),
                m.inputZeroPoint(),
                0,
                m.zeroPoint());
    }

    String gate(Node node, IntegerOperator.Gating g) {
        return struct(
                "lathe_scale",
                name(node),
                g.factor().value(),
                g.factor().shift(),
                g.inputZeroPoint(),
                g.gateZeroPoint(),
                g.zeroPoint());
    }

    /** Bands of rows, then of columns, that patches need of a tensor. */
    String bands(int tensor, PatchGeometry geometry, int grid) {
        int[] v = new int[4 * grid];
        for (int i = 0; i < grid; i++) {
            v[2 * i] = geometry.rowFrom(tensor, i);
            v[2 * i + 1] = geometry.rowEnd(tensor, i);
            v[2 * (grid + i)] = geometry.columnFrom(tensor, i);
            v[2 * (grid + i) + 1] = geometry.columnEnd(tensor, i);
        }
        return array("int16_t", 2, "bands_" + tensor, v.length, i -> v[i]);
    }

    /** The table of powers of two, once. */
    String exponentials(int[] table) {
        String name = "exponentials";
        return names.add(name) ? array("uint16_t", 2, name, table.length, i -> table[i]) : name;
    }
}
