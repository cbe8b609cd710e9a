package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.Pair;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.WeightSlice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One subnet as a network of its own, from the tensor library's plain blocks, with its own parameters and optimizer: what a
 * step of it costs without any weight sharing. Only {@link StepBenchmark} needs it.
 */
final class DenseTwin implements AutoCloseable {
    private final Graph graph;
    private final NDManager manager;
    private final Scalars scalars;
    private final Constants constants;
    private final ParameterStore store;
    private final Map<String, Block> blocks = new LinkedHashMap<>();
    private final Map<WeightSlice, NDArray> tables = new LinkedHashMap<>();
    private final Optimizer optimizer = Optimizer.adamW()
            .optLearningRateTracker(Tracker.fixed(1e-3f))
            .optWeightDecays(0.01f)
            .build();

    DenseTwin(Graph graph) {
        this.graph = graph;
        this.manager = Torch.newManager();
        this.scalars = new Scalars(manager);
        this.constants = new Constants(manager);
        this.store = new ParameterStore(manager, false);
        for (Node node : graph.nodes()) {
            Block block = block(node.op());
            if (block != null) {
                block.initialize(
                        manager,
                        DataType.FLOAT32,
                        withBatch(2, node.inputs().get(0).shape()));
                blocks.put(node.name(), block);
                for (Pair<String, Parameter> p : block.getParameters()) {
                    if (p.getValue().requiresGradient()) {
                        p.getValue().getArray().setRequiresGradient(true);
                    }
                }
            }
            WeightSlice slice = table(node.op());
            if (slice != null && !tables.containsKey(slice)) {
                NDArray table = manager.zeros(SharedParameters.shape(slice.extents()));
                table.setRequiresGradient(true);
                tables.put(slice, table);
            }
        }
    }

    /** The table that an operator adds, reads rows of, or scores tokens by; one where several operators have the same. */
    private static @Nullable WeightSlice table(Operator op) {
        if (op instanceof Operator.AddTable t) {
            return t.table();
        }
        if (op instanceof Operator.Embedding e) {
            return e.table();
        }
        return isTied(op) ? ((Operator.Linear) op).weight() : null;
    }

    private static boolean isTied(Operator op) {
        return op instanceof Operator.Linear l && l.role() == ParameterUse.Role.EMBEDDING;
    }

    private NDArray tableOf(Operator op) {
        NDArray table = tables.get(table(op));
        if (table == null) {
            throw new IllegalStateException("No table for operator " + op.type());
        }
        return table;
    }

    private static @Nullable Block block(Operator op) {
        if (op instanceof Operator.Conv2d c) {
            return Conv2d.builder()
                    .setKernelShape(new Shape(c.kernelY(), c.kernelX()))
                    .setFilters(c.weight().extent(0))
                    .optStride(new Shape(c.strideY(), c.strideX()))
                    .optPadding(new Shape(c.paddingY(), c.paddingX()))
                    .optGroups(c.groups())
                    .optBias(c.bias() != null)
                    .build();
        }
        if (op instanceof Operator.Linear l && !isTied(op)) {
            return Linear.builder()
                    .setUnits(l.weight().extent(0))
                    .optBias(l.bias() != null)
                    .build();
        }
        if (op instanceof Operator.BatchNorm n) {
            return BatchNorm.builder().optEpsilon(n.epsilon()).build();
        }
        if (op instanceof Operator.LayerNorm n) {
            return LayerNorm.builder().axis(2).optEpsilon(n.epsilon()).build();
        }
        return null;
    }

    /** Forward, backward and update on one batch. */
    float step(TrainingBatch batch) {
        float value;
        try (NDManager step = manager.newSubManager()) {
            List<NDArray> x = batch.inputs(step);
            NDArray target = batch.target(step, 0);
            try (GradientCollector collector = Torch.engine().newGradientCollector()) {
                NDArray logits = forward(x).reshape(new Shape(batch.rows(), batch.classes()));
                NDArray loss = logits.logSoftmax(1).mul(target).sum();
                collector.backward(loss);
                value = loss.getFloat();
            }
            blocks.forEach((name, block) -> {
                for (Pair<String, Parameter> p : block.getParameters()) {
                    if (p.getValue().requiresGradient()) {
                        update(name + p.getKey(), p.getValue().getArray(), step);
                    }
                }
            });
            tables.forEach((slice, table) -> update(slice.toString(), table, step));
        }
        return value;
    }

    private void update(String id, NDArray weight, NDManager step) {
        NDArray gradient = weight.getGradient();
        gradient.attach(step);
        optimizer.update(id, weight, gradient);
    }

    private NDArray forward(List<NDArray> inputs) {
        NDArray[] values = new NDArray[graph.tensors()];
        for (int i = 0; i < inputs.size(); i++) {
            values[i] = inputs.get(i);
        }
        for (Node node : graph.nodes()) {
            NDArray x = values[node.inputs().get(0).id()];
            Block block = blocks.get(node.name());
            values[node.output().id()] = block != null
                    ? block.forward(store, new NDList(x), true).singletonOrThrow()
                    : plain(node, values, x);
        }
        return values[graph.output().id()];
    }

    private NDArray plain(Node node, NDArray[] values, NDArray x) {
        Operator op = node.op();
        if (op instanceof Operator.Activate a) {
            return a.function() == Activation.GELU ? ai.djl.nn.Activation.gelu(x) : ai.djl.nn.Activation.relu(x);
        }
        if (op instanceof Operator.Add) {
            return x.add(values[node.inputs().get(1).id()]);
        }
        if (op instanceof Operator.AddTable) {
            return x.add(tableOf(op));
        }
        if (op instanceof Operator.Embedding e) {
            return scalars.multiply(GraphExecutor.rows(x, tableOf(op)), e.scale());
        }
        if (op instanceof Operator.Linear) {
            return x.getNDArrayInternal().linear(x, tableOf(op), null).singletonOrThrow();
        }
        if (op instanceof Operator.SinusoidalPositions p) {
            return x.add(constants.positions(p, node.output().shape()));
        }
        if (op instanceof Operator.PaddingMask m) {
            NDArray is = x.eq(m.padding()).toType(DataType.FLOAT32, false);
            return scalars.multiply(is, Operator.PaddingMask.HIDDEN)
                    .reshape(x.getShape().get(0), 1, 1, -1);
        }
        if (op instanceof Operator.Concat c) {
            // Of a mask in its own shape here, whose columns are last, or of tokens (B, T, E).
            NDList all = new NDList();
            node.inputs().forEach(t -> all.add(values[t.id()]));
            return NDArrays.concat(all, x.getShape().dimension() == 4 ? 3 : c.axis() + 1);
        }
        if (op instanceof Operator.MatMul m) {
            NDArray right = values[node.inputs().get(1).id()];
            return scalars.multiply(x, m.scale()).matMul(m.transposeRight() ? right.transpose(0, 1, 3, 2) : right);
        }
        if (op instanceof Operator.Softmax s) {
            NDArray scores = node.inputs().size() == 1
                    ? x
                    : x.add(values[node.inputs().get(1).id()]);
            return (s.causal()
                            ? scores.add(
                                    constants.causalMask(node.output().shape().last()))
                            : scores)
                    .softmax(-1);
        }
        if (op instanceof Operator.Reshape r) {
            return x.reshape(withBatch(x.getShape().get(0), r.target()));
        }
        if (op instanceof Operator.Transpose t) {
            int[] order = new int[t.order().size() + 1];
            for (int i = 1; i < order.length; i++) {
                order[i] = t.order().get(i - 1) + 1;
            }
            return x.transpose(order);
        }
        if (op instanceof Operator.GlobalAveragePool) {
            Shape s = x.getShape();
            return x.reshape(s.get(0), s.get(1), s.get(2) * s.get(3)).mean(new int[] {2});
        }
        if (op instanceof Operator.MeanTokens) {
            return x.mean(new int[] {1});
        }
        throw new IllegalStateException("No plain block for operator " + op.type());
    }

    private static Shape withBatch(long batch, dev.lathe.graph.Shape s) {
        long[] e = new long[s.rank() + 1];
        e[0] = batch;
        for (int i = 1; i < e.length; i++) {
            e[i] = s.extent(i - 1);
        }
        return new Shape(e);
    }

    @Override
    public void close() {
        manager.close();
    }
}
