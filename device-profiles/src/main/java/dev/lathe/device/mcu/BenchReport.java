package dev.lathe.device.mcu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a program of exported networks printed.
 *
 * @param logits by network: 16-bit logits of each sample
 * @param memory by network: what its arena and its run took
 * @param rates by kernel: instructions and multiply-accumulates (elements for some)
 * @param stackBytes most that the stack held, -1 on a host
 */
public record BenchReport(
        Map<String, List<int[]>> logits, Map<String, Memory> memory, Map<String, Rate> rates, long stackBytes) {

    /**
     * @param touchedBytes of the arena, up to the highest that the run changed
     * @param arenaBytes its size
     * @param instructions of one run, 0 on a host
     */
    public record Memory(long touchedBytes, long arenaBytes, long instructions) {}

    /**
     * @param instructions of the kernel
     * @param macs multiply-accumulates, or elements where there are none
     * @param checksum of its results
     */
    public record Rate(long instructions, long macs, long checksum) {
        public double perMac() {
            return instructions / (double) macs;
        }
    }

    /** @throws IllegalStateException if the program said nothing of this network */
    public Memory of(String network) {
        Memory m = memory.get(network);
        if (m == null) {
            throw new IllegalStateException("The program said nothing of " + network);
        }
        return m;
    }

    static BenchReport parse(String text) {
        Map<String, List<int[]>> logits = new LinkedHashMap<>();
        Map<String, Memory> memory = new LinkedHashMap<>();
        Map<String, Rate> rates = new LinkedHashMap<>();
        long stack = -1;
        for (String line : text.split("\n", -1)) {
            String[] w = line.strip().split(" ", -1);
            switch (w[0]) {
                case "OUT" -> {
                    int[] v = new int[w.length - 3];
                    for (int i = 0; i < v.length; i++) {
                        v[i] = Integer.parseInt(w[i + 3]);
                    }
                    logits.computeIfAbsent(w[1], k -> new ArrayList<>()).add(v);
                }
                case "MEM" ->
                    memory.put(w[1], new Memory(Long.parseLong(w[2]), Long.parseLong(w[3]), Long.parseLong(w[4])));
                case "RATE" ->
                    rates.put(w[1], new Rate(Long.parseLong(w[2]), Long.parseLong(w[3]), Long.parseLong(w[4])));
                case "STACK" -> stack = Long.parseLong(w[1]);
                default -> {
                    // Nothing of ours.
                }
            }
        }
        return new BenchReport(logits, memory, rates, stack);
    }
}
