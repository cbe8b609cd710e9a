package dev.lathe.space.mobilenetv4;

import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.space.Comparison;
import dev.lathe.space.PrintedDigits;
import dev.lathe.space.TaskShape;
import java.util.ArrayList;
import java.util.List;

/** Parameters and multiply-accumulates of the released MobileNetV4 models beside the published figures. */
public final class MobileNetV4Costs {
    /** Millions of parameters, normalizations counted, with the 1000 classes of ImageNet. */
    private record Published(MobileNetV4Models model, String parameters) {}

    private static final List<Published> PARAMETERS = List.of(
            new Published(MobileNetV4Models.CONV_S, "3.774"),
            new Published(MobileNetV4Models.CONV_M, "9.716"),
            new Published(MobileNetV4Models.CONV_L, "32.591"),
            new Published(MobileNetV4Models.HYBRID_M, "11.07"),
            new Published(MobileNetV4Models.HYBRID_L, "37.76"));

    /** What a model card of PyTorch Image Models prints: billions of multiply-accumulates, millions of activations. */
    private record Card(MobileNetV4Models model, int side, String macs, String activations) {}

    private static final List<Card> CARDS = List.of(
            new Card(MobileNetV4Models.CONV_L, 256, "2.9", "12.1"),
            new Card(MobileNetV4Models.CONV_L, 384, "6.4", "27.3"));

    private MobileNetV4Costs() {}

    /**
     * Every published figure.
     */
    public static List<Comparison> compare() {
        List<Comparison> all = new ArrayList<>();
        for (Published p : PARAMETERS) {
            all.add(PrintedDigits.compare(
                    "MobileNetV4 %s, parameters in M".formatted(p.model().modelName()),
                    p.parameters(),
                    CostModel.of(graph(p.model(), p.model().side())).parameters(),
                    6));
        }
        all.add(PrintedDigits.compare(
                "MobileNetV4 Conv-L at 384 pixels, GMACs",
                "6.4",
                CostModel.of(graph(MobileNetV4Models.CONV_L, 384)).macs(),
                9));
        for (Card c : CARDS) {
            Graph g = graph(c.model(), c.side());
            String what = "MobileNetV4 %s at %d pixels".formatted(c.model().modelName(), c.side());
            all.add(PrintedDigits.compare(
                    what + ", GMACs of the model card, normalization counted", c.macs(), cardMacs(g), 9));
            all.add(PrintedDigits.compare(
                    what + ", activations of the model card in M", c.activations(), cardActivations(g), 6));
        }
        return List.copyOf(all);
    }

    /** The cards' tool counts a batch normalization as two operations per element; without, Conv-L at 256 would be 2.8. */
    private static long cardMacs(Graph g) {
        long macs = CostModel.of(g).macs();
        for (Node n : g.nodes()) {
            macs += n.op() instanceof Operator.BatchNorm
                    ? 2 * n.output().shape().elements()
                    : 0;
        }
        return macs;
    }

    /** The cards count the outputs of convolutions and linear layers. */
    private static long cardActivations(Graph g) {
        long elements = 0;
        for (Node n : g.nodes()) {
            boolean counts = n.op() instanceof Operator.Conv2d || n.op() instanceof Operator.Linear;
            elements += counts ? n.output().shape().elements() : 0;
        }
        return elements;
    }

    private static Graph graph(MobileNetV4Models model, int side) {
        return model.lower(new TaskShape(3, side, side, 1000));
    }
}
