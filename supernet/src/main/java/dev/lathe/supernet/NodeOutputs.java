package dev.lathe.supernet;

import ai.djl.ndarray.NDArray;
import dev.lathe.graph.Node;

/** What is done to the output of each node in a training pass, before others use it. */
@FunctionalInterface
interface NodeOutputs {
    /** Nothing. */
    NodeOutputs SAME = (node, output) -> output;

    /** The output to be used, owned by the same manager. */
    NDArray of(Node node, NDArray output);
}
