package dev.lathe.graph;

import java.util.List;

/**
 * Where every activation lies in one arena.
 *
 * @param buffers the buffers, in order of their first use
 * @param peakBytes size of the arena: the highest end of a buffer
 * @param largestLiveBytes the largest sum of buffers alive at one moment: no plan can be smaller
 */
public record MemoryPlan(List<Buffer> buffers, long peakBytes, long largestLiveBytes) {
    public MemoryPlan {
        buffers = List.copyOf(buffers);
    }

    /**
     * A piece of the arena, shared by the tensors that live in it one after the other.
     *
     * @param tensors ids of the tensors, in order: more than one where operators work in place
     * @param bytes size
     * @param from index of the node that writes it first, -1 for an input of the graph
     * @param to index of the last node that reads it, the number of nodes for the graph's output
     * @param offset first byte in the arena
     */
    public record Buffer(List<Integer> tensors, long bytes, int from, int to, long offset) {
        public Buffer {
            tensors = List.copyOf(tensors);
        }

        /** Whether both are needed at one moment. */
        public boolean isAliveWith(Buffer other) {
            return from <= other.to && other.from <= to;
        }

        public boolean overlapsInSpace(Buffer other) {
            return offset < other.offset + other.bytes && other.offset < offset + bytes;
        }
    }
}
