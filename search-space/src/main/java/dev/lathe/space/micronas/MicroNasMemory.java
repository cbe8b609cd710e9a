package dev.lathe.space.micronas;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import java.util.Arrays;

/**
 * Peak memory of an int8 network as MicroNAS estimates it: the most bytes of any layer's inputs, output and scratch, with what
 * parallel branches keep for later.
 *
 * <p>A layer is a convolution together with the batch normalization and the non-linearity that follow it, which a runtime folds
 * into it. A convolution has a scratch buffer of 4 · k · c bytes, k being the kernel's rows times columns and c its input
 * channels. Unlike {@link dev.lathe.graph.MemoryPlanner}, nothing works in place, a sum needs room for its result, and offsets
 * are not searched.
 *
 * @see <a href="https://arxiv.org/abs/2310.18384">King et al., MicroNAS, 2023</a>
 */
public final class MicroNasMemory {
    private static final int SCRATCH_BYTES = 4;

    private MicroNasMemory() {}

    /** Bytes for one sample; the network's input counts, weights do not. */
    public static long peakBytes(Graph graph) {
        int[] buffer = new int[graph.tensors()];
        int[] lastUse = new int[graph.tensors()];
        Arrays.fill(lastUse, -1);
        int[] readers = readers(graph);
        for (Tensor t : graph.inputs()) {
            buffer[t.id()] = t.id();
        }
        int step = 0;
        for (Node node : graph.nodes()) {
            int out = node.output().id();
            buffer[out] = isFolded(node, readers) ? buffer[node.inputs().get(0).id()] : out;
            for (Tensor t : node.inputs()) {
                lastUse[buffer[t.id()]] = step;
            }
            step++;
        }
        lastUse[buffer[graph.output().id()]] = step;

        long live = 0;
        for (Tensor t : graph.inputs()) {
            live += t.shape().elements();
        }
        long peak = live;
        step = 0;
        for (Node node : graph.nodes()) {
            Tensor out = node.output();
            if (buffer[out.id()] == out.id()) {
                live += out.shape().elements();
                peak = Math.max(peak, live + scratchBytes(node));
            }
            live -= freed(node, buffer, lastUse, step);
            step++;
        }
        return peak;
    }

    /** Bytes of buffers that are read here for the last time, or written and never read. */
    private static long freed(Node node, int[] buffer, int[] lastUse, int step) {
        long bytes = 0;
        for (int i = 0; i < node.inputs().size(); i++) {
            Tensor t = node.inputs().get(i);
            boolean isRepeated = false;
            for (int j = 0; j < i; j++) {
                isRepeated |= buffer[node.inputs().get(j).id()] == buffer[t.id()];
            }
            if (!isRepeated && lastUse[buffer[t.id()]] == step) {
                bytes += t.shape().elements();
            }
        }
        Tensor out = node.output();
        return bytes + (lastUse[buffer[out.id()]] < step ? out.shape().elements() : 0);
    }

    /** Whether the result takes its operand's place: that of a reshape always, otherwise where nothing else reads the operand. */
    private static boolean isFolded(Node node, int[] readers) {
        Operator op = node.op();
        return op instanceof Operator.Reshape
                || (op instanceof Operator.BatchNorm || op instanceof Operator.Activate)
                        && readers[node.inputs().get(0).id()] == 1;
    }

    /** How often each tensor is read; the graph's result once more, and inputs twice, for they are not to be overwritten. */
    private static int[] readers(Graph graph) {
        int[] readers = new int[graph.tensors()];
        Arrays.fill(readers, 0, graph.inputs().size(), 2);
        for (Node node : graph.nodes()) {
            for (Tensor t : node.inputs()) {
                readers[t.id()]++;
            }
        }
        readers[graph.output().id()]++;
        return readers;
    }

    private static long scratchBytes(Node node) {
        return node.op() instanceof Operator.Conv2d c
                ? (long) SCRATCH_BYTES * c.kernelY() * c.kernelX() * c.weight().extent(1)
                : 0;
    }
}
