package dev.lathe.graph.operator;

import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Everything of an operator that its time depends on, as one word: what is done, with which settings. Names of parameters and
 * where a slice lies in a shared parameter are left out, so that two networks share what costs the same.
 */
final class OperatorSignature {
    private OperatorSignature() {}

    /** Of one node, without its shapes, for example {@code Conv2d.16.k3x3.s1x1.p1x1.g16}. */
    static String of(Node node) {
        return node.op().type() + settings(node.op());
    }

    private static String settings(Operator op) {
        if (op instanceof Operator.Conv2d c) {
            return ".%d.k%dx%d.s%dx%d.p%dx%d.g%d%s"
                    .formatted(
                            c.weight().extent(0),
                            c.kernelY(),
                            c.kernelX(),
                            c.strideY(),
                            c.strideX(),
                            c.paddingY(),
                            c.paddingX(),
                            c.groups(),
                            c.bias() == null ? "" : ".b");
        } else if (op instanceof Operator.Linear l) {
            return "." + l.weight().extent(0) + (l.bias() == null ? "" : ".b");
        } else if (op instanceof Operator.Activate a) {
            return "." + a.function();
        } else if (op instanceof Operator.MatMul m) {
            return (m.transposeRight() ? ".t" : "") + (m.scale() == 1 ? "" : ".scaled");
        } else if (op instanceof Operator.Softmax s) {
            return s.causal() ? ".causal" : "";
        } else if (op instanceof Operator.Reshape r) {
            return "." + word(r.target());
        } else if (op instanceof Operator.Transpose t) {
            return "." + t.order().stream().map(String::valueOf).collect(Collectors.joining("x"));
        } else if (op instanceof Operator.Pool2d p) {
            return ".%s.k%dx%d.s%dx%d.p%dx%d%s%s"
                    .formatted(
                            p.kind(),
                            p.kernelY(),
                            p.kernelX(),
                            p.strideY(),
                            p.strideX(),
                            p.paddingY(),
                            p.paddingX(),
                            p.countPadding() ? ".counted" : "",
                            p.ceil() ? ".ceil" : "");
        } else if (op instanceof Operator.Concat c) {
            return "." + c.axis();
        } else if (op instanceof Operator.Slice s) {
            return "." + s.axis() + "." + s.range().from() + "-" + s.range().to();
        } else if (op instanceof Operator.Embedding e) {
            return ".%dx%d".formatted(e.table().extent(0), e.table().extent(1));
        } else if (op instanceof Operator.SinusoidalPositions p) {
            return "." + p.tableWidth() + "." + p.from();
        } else if (op instanceof Operator.RelativeKeys r) {
            return ".%d.%d.%d".formatted(r.vertical().extent(1), r.columns(), r.clip());
        } else if (op instanceof Operator.RelativeValues r) {
            return ".%d.%d.%d".formatted(r.vertical().extent(1), r.columns(), r.clip());
        } else if (op instanceof Operator.BatchNorm
                || op instanceof Operator.LayerNorm
                || op instanceof Operator.Add
                || op instanceof Operator.AddTable
                || op instanceof Operator.PaddingMask
                || op instanceof Operator.GlobalAveragePool
                || op instanceof Operator.MeanTokens
                || op instanceof Operator.Gate
                || op instanceof Operator.LayerScale
                || op instanceof Operator.Zero
                || op instanceof Operator.PrependToken) {
            return "";
        }
        throw new IllegalArgumentException("Operator %s has no signature".formatted(op.type()));
    }

    /** Shapes between operators, for example {@code 16x8x8}. */
    static String word(List<Shape> shapes) {
        return shapes.stream().map(OperatorSignature::word).collect(Collectors.joining(";"));
    }

    private static String word(Shape shape) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < shape.rank(); i++) {
            text.append(i == 0 ? "" : "x").append(shape.extent(i));
        }
        return text.toString();
    }
}
