package dev.lathe.graph.memory;

import dev.lathe.graph.memory.DeploymentPlan.Role;
import dev.lathe.graph.memory.PatchStages.Candidate;
import java.util.List;

/** Says a region's schedule in words, for reports. */
final class Words {
    private Words() {}

    static String of(Network net, Candidate c, int position, List<Integer> nodes, int output) {
        Unit u = c.units().get(position);
        StringBuilder text = new StringBuilder();
        if (position < c.patched()) {
            text.append("in ").append(c.grid()).append(" x ").append(c.grid()).append(" patches: ");
        }
        text.append(names(net, nodes));
        text.append(
                switch (u.kind()) {
                    case OPERATOR -> "";
                    case IMAGE_BANDS -> ", the image in bands of rows";
                    case PATCH_EMBEDDING ->
                        u.inputs().length == 0
                                ? ", the image in bands of patch rows, tokens written to their place"
                                : ", tokens written to their place";
                    case TOKEN_TILES -> ", " + u.tile() + " tokens at a time";
                    case ATTENTION_ROWS ->
                        ", one head's keys and values and one query row at a time"
                                + (u.recomputes() ? ", its low-rank factor computed again for each head" : "");
                    case POOLED_TOKENS -> ", one token at a time";
                });
        int b = c.timeline().bufferOf[output];
        boolean over = false;
        for (int t : c.timeline().tensors.get(b)) {
            if (t == output) {
                break;
            }
            over = true;
        }
        if (over) {
            List<Integer> held = c.timeline().tensors.get(b);
            int before = held.get(held.indexOf(output) - 1);
            text.append(", written over ").append(net.tensors[before].name());
            for (int k = 0; k < c.timeline().roles.size(); k++) {
                if (c.timeline().roles.get(k) == Role.SCRATCH
                        && c.timeline().tensors.get(k).contains(output)) {
                    text.append(" with ").append(c.timeline().packing.bytes(k)).append(" bytes of scratch");
                }
            }
        }
        return text.toString();
    }

    private static String names(Network net, List<Integer> nodes) {
        String first = net.nodes[nodes.get(0)].name();
        return nodes.size() == 1 ? first : first + " to " + net.nodes[nodes.get(nodes.size() - 1)].name();
    }
}
