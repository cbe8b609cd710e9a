package dev.lathe.graph.c;

import dev.lathe.graph.memory.DeploymentPlan;
import dev.lathe.graph.quant.QuantizedGraph;
import java.util.Map;
import java.util.TreeMap;

/**
 * A network as C.
 *
 * @param name prefix of its functions and files
 * @param network what was written
 * @param plan the schedule and the arena that the code follows
 * @param files contents by file name: header, schedule, constants
 * @param constantBytes weights, tables and requantization constants: flash besides code
 */
public record CModel(
        String name, QuantizedGraph network, DeploymentPlan plan, Map<String, String> files, long constantBytes) {
    public CModel {
        files = java.util.Collections.unmodifiableMap(new TreeMap<>(files));
    }

    /** Bytes of the arena: all RAM that the network needs besides the stack. */
    public long arenaBytes() {
        return plan.peakSramBytes();
    }

    /** What it takes as firmware. */
    public CFootprint footprint() {
        return CFootprint.of(network.graph(), plan);
    }

    /** A sample as the code takes it: 8-bit numbers, images in (row, column, channel) order. */
    public byte[] sample(float[] input) {
        byte[] q = network.input().quantize(input);
        var shape = network.graph().inputs().get(0).shape();
        if (shape.rank() != 3) {
            return q;
        }
        int channels = shape.extent(0);
        int plane = q.length / channels;
        byte[] r = new byte[q.length];
        for (int c = 0; c < channels; c++) {
            for (int p = 0; p < plane; p++) {
                r[p * channels + c] = q[c * plane + p];
            }
        }
        return r;
    }
}
