package dev.lathe.space.custom;

import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Tensor;

/** Appends one layer to a graph. */
@FunctionalInterface
interface Block {
    /** @throws IllegalArgumentException if the layer does not take such an input */
    Tensor append(GraphBuilder graph, Point p, Tensor x);
}
