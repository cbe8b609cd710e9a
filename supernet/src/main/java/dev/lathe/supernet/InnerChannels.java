package dev.lathe.supernet;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The channels of a network that lie between two matrices or dense convolutions and are read by nothing else, as those of an
 * inverted residual or a feed-forward network: whatever has a value for each of them can be permuted alike, and the network
 * computes the same.
 */
final class InnerChannels {
    /** One axis of a parameter. */
    record Place(String parameter, int axis) {}

    private final Map<Integer, Node> producers = new HashMap<>();
    private final Map<Integer, List<Node>> consumers = new HashMap<>();

    private InnerChannels(Graph graph) {
        for (Node n : graph.nodes()) {
            producers.put(n.output().id(), n);
            n.inputs()
                    .forEach(t -> consumers
                            .computeIfAbsent(t.id(), i -> new ArrayList<>())
                            .add(n));
        }
    }

    /**
     * All groups of a network.
     *
     * @return by the parameter that reads the channels, on its axis of inputs: every place; none where the channels that it reads
     *     are read or made otherwise too
     */
    static Map<String, Set<Place>> of(Graph graph) {
        InnerChannels traces = new InnerChannels(graph);
        Map<String, Set<Place>> groups = new LinkedHashMap<>();
        for (Node n : graph.nodes()) {
            WeightSlice weight = dense(n);
            if (weight != null) {
                Set<Place> places = new LinkedHashSet<>();
                places.add(new Place(weight.parameter(), 1));
                boolean whole = traces.trace(n.inputs().get(0), n, places);
                groups.put(weight.parameter(), whole && !groups.containsKey(weight.parameter()) ? places : Set.of());
            }
        }
        return groups;
    }

    /** The weight of a matrix or dense convolution, else null. */
    static @Nullable WeightSlice dense(Node n) {
        if (n.op() instanceof Operator.Conv2d c && c.groups() == 1) {
            return c.weight();
        }
        return n.op() instanceof Operator.Linear l && l.role() == ParameterUse.Role.WEIGHT ? l.weight() : null;
    }

    /** Gathers what has a value for each channel of the tensor, back to the matrix that makes it; false where there is more to it. */
    private boolean trace(Tensor tensor, Node reader, Set<Place> places) {
        Node n = producers.get(tensor.id());
        if (n == null || !onlyFor(tensor, reader)) {
            return false;
        }
        addOutputs(n, places);
        if (dense(n) != null) {
            return true;
        }
        if (n.op() instanceof Operator.Gate) {
            return traceGate(n, places) && trace(n.inputs().get(0), n, places);
        }
        boolean keepsChannels = n.op() instanceof Operator.Activate
                || n.op() instanceof Operator.BatchNorm
                || n.op() instanceof Operator.Conv2d c && c.isDepthwise();
        return keepsChannels && trace(n.inputs().get(0), n, places);
    }

    /** Whether nothing but the reader, or the pool of a gate's own branch, reads the tensor. */
    private boolean onlyFor(Tensor tensor, Node reader) {
        for (Node c : consumers.getOrDefault(tensor.id(), List.of())) {
            boolean pooled = c.op() instanceof Operator.GlobalAveragePool && reader.op() instanceof Operator.Gate;
            if (!c.equals(reader) && !pooled) {
                return false;
            }
        }
        return true;
    }

    /** From a gate back to the pool of the tensor that it scales. */
    private boolean traceGate(Node gate, Set<Place> places) {
        Node last = behindActivations(gate.inputs().get(1));
        if (last == null || dense(last) == null) {
            return false;
        }
        addOutputs(last, places);
        Node first = behindActivations(last.inputs().get(0));
        WeightSlice reads = first == null ? null : dense(first);
        if (first == null || reads == null) {
            return false;
        }
        places.add(new Place(reads.parameter(), 1));
        Node pool = producers.get(first.inputs().get(0).id());
        return pool != null
                && pool.op() instanceof Operator.GlobalAveragePool
                && pool.inputs().get(0).id() == gate.inputs().get(0).id();
    }

    private @Nullable Node behindActivations(Tensor tensor) {
        Node n = producers.get(tensor.id());
        while (n != null && n.op() instanceof Operator.Activate) {
            n = producers.get(n.inputs().get(0).id());
        }
        return n;
    }

    /** Trained parameters of a node, whose first axis is its channels. */
    private static void addOutputs(Node n, Set<Place> places) {
        for (ParameterUse use : n.op().parameters()) {
            if (use.role().isTrained()) {
                places.add(new Place(use.slice().parameter(), 0));
            }
        }
    }
}
