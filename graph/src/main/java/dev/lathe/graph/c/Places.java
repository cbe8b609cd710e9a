package dev.lathe.graph.c;

import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.memory.DeploymentPlan;
import dev.lathe.graph.memory.DeploymentPlan.Buffer;
import dev.lathe.graph.memory.DeploymentPlan.Role;
import org.jspecify.annotations.Nullable;

/** Where the plan puts what, as C expressions. */
final class Places {
    private final DeploymentPlan plan;
    private final int[] root;

    Places(Graph graph, DeploymentPlan plan) {
        this.plan = plan;
        root = new int[graph.tensors()];
        for (Tensor t : graph.inputs()) {
            root[t.id()] = t.id();
        }
        for (Node n : graph.nodes()) {
            int out = n.output().id();
            root[out] =
                    n.op() instanceof Operator.Reshape ? root[n.inputs().get(0).id()] : out;
        }
    }

    /** The tensor whose bytes a tensor is. */
    int root(int tensor) {
        return root[tensor];
    }

    /** The buffer of a role that is there at a step; tensor -1 for one that holds none. */
    @Nullable
    Buffer find(Role role, int tensor, int step) {
        for (Buffer b : plan.buffers()) {
            boolean holds = tensor < 0 ? b.tensors().isEmpty() : b.tensors().contains(tensor);
            if (b.role() == role && holds && b.firstStep() <= step && step <= b.lastStep()) {
                return b;
            }
        }
        return null;
    }

    String at(Role role, int tensor, int step) {
        Buffer b = find(role, tensor, step);
        if (b == null) {
            throw new IllegalStateException("The plan has no %s of tensor %d at step %d".formatted(role, tensor, step));
        }
        return expression(b);
    }

    /** A whole tensor at a step. */
    String tensor(int tensor, int step) {
        return at(Role.TENSOR, root[tensor], step);
    }

    static String expression(Buffer b) {
        return b.offset() == 0 ? "arena" : "arena + " + b.offset();
    }
}
