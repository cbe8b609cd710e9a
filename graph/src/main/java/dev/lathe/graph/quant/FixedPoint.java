package dev.lathe.graph.quant;

import java.util.Arrays;

/**
 * The integer arithmetic of quantized networks. Every operation rounds once, halves towards positive infinity, so that it is
 * one addition and one arithmetic shift in C.
 */
public final class FixedPoint {
    /** Fractional bits of {@link #exponentials()}. */
    private static final int EXPONENTIAL_BITS = 14;

    private static final int MOST_SHIFT = 62;

    private FixedPoint() {}

    /**
     * A positive real number as {@code value · 2^-shift}.
     *
     * @param value in [2^30, 2^31)
     * @param shift 1 to 62
     */
    public record Multiplier(int value, int shift) {
        /** @throws ArithmeticException if the number is not positive or out of reach: below about 2^-32 or from 2^30 on */
        public static Multiplier of(double real) {
            if (!(real > 0 && real < Double.POSITIVE_INFINITY)) {
                throw new ArithmeticException("A ratio of scales must be positive, but was " + real);
            }
            int e = Math.getExponent(real) + 1;
            long m = Math.round(Math.scalb(real, 31 - e));
            if (m == 1L << 31) {
                m >>= 1;
                e++;
            }
            if (31 - e < 1 || 31 - e > MOST_SHIFT) {
                throw new ArithmeticException("A ratio of scales is out of reach of a 32-bit multiplier: " + real);
            }
            return new Multiplier((int) m, 31 - e);
        }

        /** {@code a} times this, rounded. */
        public int times(int a) {
            return requantize(a, value, shift);
        }
    }

    /** {@code a · m · 2^-s}, rounded; computed in 64 bits. */
    public static int requantize(int a, int m, int s) {
        return (int) (((long) a * m + (1L << (s - 1))) >> s);
    }

    public static int clamp(int v, int low, int high) {
        return Math.max(low, Math.min(high, v));
    }

    public static int clamp8(int v) {
        return clamp(v, -128, 127);
    }

    /** The largest whole number whose square is at most {@code v}, for v in [0, 2^62). */
    public static long squareRoot(long v) {
        long r = (long) Math.sqrt((double) v);
        while (r * r > v) {
            r--;
        }
        while ((r + 1) * (r + 1) <= v) {
            r++;
        }
        return r;
    }

    /** 2^(-i/256) with 14 fractional bits, for i in 0..255. */
    public static int[] exponentials() {
        int[] table = new int[256];
        Arrays.setAll(table, i -> (int) Math.round((1 << EXPONENTIAL_BITS) * StrictMath.pow(2, -i / 256.0)));
        return table;
    }
}
