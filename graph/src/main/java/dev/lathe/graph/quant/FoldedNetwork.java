package dev.lathe.graph.quant;

import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.WeightSlice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The same network with the batch norms and layer scales that follow a convolution or linear layer folded into its weights and
 * bias, and without nodes that the output does not depend on. Every convolution and linear layer has weights of its own.
 *
 * @param graph whose tensors have the names they had; a layer's result has that of the last node folded into it
 * @param weights of that graph
 */
record FoldedNetwork(Graph graph, WeightProvider weights) {
    static FoldedNetwork of(Graph graph, WeightProvider weights) {
        Folding folding = new Folding(graph);
        FloatExecutor values = new FloatExecutor(graph, weights);
        Map<String, float[]> made = new HashMap<>();
        GraphBuilder builder = new GraphBuilder(graph.name());
        Tensor[] tensors = new Tensor[graph.tensors()];
        for (Tensor t : graph.inputs()) {
            tensors[t.id()] = builder.input(t.name(), t.shape().toArray());
        }
        boolean[] folded = new boolean[graph.nodes().size()];
        for (int i = 0; i < folded.length; i++) {
            if (folded[i] || !folding.isNeeded(i)) {
                continue;
            }
            Node n = graph.nodes().get(i);
            Operator op = n.op();
            int last = i;
            if (op instanceof Operator.Conv2d || op instanceof Operator.Linear) {
                List<Integer> nodes = new ArrayList<>(folding.weighted(i));
                nodes.removeIf(k -> Folding.isClamp(folding.op(k)));
                nodes.forEach(k -> folded[k] = true);
                last = nodes.get(nodes.size() - 1);
                op = layer(op, folding, nodes, values, made, n.name());
            }
            Tensor[] in = n.inputs().stream()
                    .map(t -> Objects.requireNonNull(tensors[t.id()]))
                    .toArray(Tensor[]::new);
            Node named = graph.nodes().get(last);
            tensors[named.output().id()] = builder.add(named.output().name(), op, in);
        }
        return new FoldedNetwork(
                builder.build(Objects.requireNonNull(tensors[graph.output().id()])), use -> {
                    float[] v = made.get(use.slice().parameter());
                    return v == null ? weights.values(use) : v;
                });
    }

    /** A convolution or linear layer with what is folded into it; its new parameters go to {@code made}. */
    private static Operator layer(
            Operator op,
            Folding folding,
            List<Integer> nodes,
            FloatExecutor values,
            Map<String, float[]> made,
            String name) {
        float[] w = values.parameters(nodes.get(0)).get(0);
        WeightSlice old = op.parameters().get(0).slice();
        int outputs = old.extent(0);
        double[][] affine = folding.affine(nodes, outputs, values);
        int k = w.length / outputs;
        float[] weight = new float[w.length];
        float[] bias = new float[outputs];
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < k; i++) {
                weight[o * k + i] = (float) (w[o * k + i] * affine[0][o]);
            }
            bias[o] = (float) affine[1][o];
        }
        // No parameter of a space has a slash in its name.
        String own = "folded/" + name;
        made.put(own + "/weight", weight);
        WeightSlice weightSlice = WeightSlice.first(own + "/weight", old.extents());
        WeightSlice biasSlice = null;
        if (nodes.size() > 1 || op.parameters().size() > 1) {
            made.put(own + "/bias", bias);
            biasSlice = WeightSlice.first(own + "/bias", outputs);
        }
        return op instanceof Operator.Conv2d c
                ? new Operator.Conv2d(
                        weightSlice, biasSlice, c.strideY(), c.strideX(), c.paddingY(), c.paddingX(), c.groups())
                : new Operator.Linear(weightSlice, biasSlice);
    }
}
