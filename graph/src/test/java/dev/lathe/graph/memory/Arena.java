package dev.lathe.graph.memory;

import dev.lathe.graph.memory.DeploymentPlan.Buffer;

/** Memory that keeps a fingerprint in every byte of the element it belongs to, and knows the highest byte touched. */
final class Arena {
    private static final long UNWRITTEN = 0xDEADL;

    private final long[] cells;
    private int touched;

    Arena(long bytes) {
        cells = new long[(int) bytes];
        java.util.Arrays.fill(cells, UNWRITTEN);
    }

    void write(Buffer buffer, int element, int width, long value) {
        int at = address(buffer, element, width);
        java.util.Arrays.fill(cells, at, at + width, value);
    }

    long read(Buffer buffer, int element, int width) {
        int at = address(buffer, element, width);
        for (int i = 1; i < width; i++) {
            if (cells[at + i] != cells[at]) {
                throw new AssertionError("Element " + element + " of " + buffer + " is torn");
            }
        }
        return cells[at];
    }

    private int address(Buffer buffer, int element, int width) {
        if (element < 0 || (element + 1L) * width > buffer.bytes()) {
            throw new AssertionError("Element " + element + " lies outside of " + buffer);
        }
        int at = (int) buffer.offset() + element * width;
        touched = Math.max(touched, at + width);
        return at;
    }

    /** Overwrites a whole buffer, as a copy of weights would. */
    void scribble(Buffer buffer) {
        for (int i = 0; i < buffer.bytes(); i++) {
            write(buffer, i, 1, ~UNWRITTEN - i);
        }
    }

    int touched() {
        return touched;
    }
}
