package dev.lathe.supernet;

import java.util.Locale;

/** Widths of the numbers that a quantised supernet is trained for, by name in an experiment file. */
public enum BitWidth {
    /** 8 bits everywhere, as {@code dev.lathe.graph.quant} executes them. */
    INT8(8),
    /**
     * Weights of 4 bits, and activations of 4 bits where only such weights read them; 8 bits in the first and the last layer and
     * in what sums, pools and normalizations read. There is no integer form of it: accuracy is that of imitated rounding.
     */
    INT4(4);

    /** Of first and last layers, and of what weights do not read. */
    static final int OUTER_BITS = 8;

    private final int bits;

    BitWidth(int bits) {
        this.bits = bits;
    }

    /** Of inner layers. */
    public int bits() {
        return bits;
    }

    /** As written in an experiment: {@code int8}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
