package dev.lathe.graph;

/**
 * A value that flows through a graph.
 *
 * @param id dense number within its graph, 0 for the first input: readers keep what they know of tensors in arrays
 * @param name unique within its graph
 * @param shape extents without the batch axis
 */
public record Tensor(int id, String name, Shape shape) {}
