package dev.lathe.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Small graphs with branches and residuals for property tests. */
public final class RandomGraphs {
    private RandomGraphs() {}

    /** A graph of about {@code nodes} nodes over (C, 8, 8) images, with additions of earlier results where shapes allow. */
    public static Graph make(RandomGenerator random, int nodes) {
        GraphBuilder g = new GraphBuilder("random");
        Tensor x = g.input("image", 3, 8, 8);
        List<Tensor> made = new ArrayList<>(List.of(x));
        for (int i = 0; i < nodes; i++) {
            Tensor from = made.get(random.nextInt(Math.max(0, made.size() - 3), made.size()));
            String name = "n" + i;
            int kind = random.nextInt(4);
            Tensor partner = null;
            for (Tensor t : made) {
                if (t.id() != from.id() && t.shape().equals(from.shape())) {
                    partner = t;
                }
            }
            if (kind == 0) {
                made.add(g.add(name, new Operator.Activate(Activation.RELU), from));
            } else if (kind == 1 && partner != null) {
                made.add(g.add(name, new Operator.Add(), from, partner));
            } else {
                int out = 1 + random.nextInt(12);
                made.add(g.add(
                        name,
                        new Operator.Conv2d(
                                WeightSlice.first(
                                        name + ".weight", out, from.shape().extent(0), 3, 3),
                                null,
                                1,
                                1,
                                1),
                        from));
            }
        }
        return g.build(made.get(made.size() - 1));
    }
}
