package dev.lathe.graph.quant;

/**
 * How the 8-bit numbers of a tensor stand for reals: {@code scale · (q - zeroPoint)}.
 *
 * @param scale real difference of neighbouring numbers, positive
 * @param zeroPoint the number that stands for 0
 */
public record Quantization(double scale, int zeroPoint) {
    /** Headroom of 16-bit logits above the largest that calibration saw. */
    private static final double LOGIT_STEPS = 1 << 14;

    public Quantization {
        if (!(scale > 0 && scale < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("A scale must be positive and finite, but was " + scale);
        }
    }

    /** Zero point 0, so that adding zeros around an image costs nothing. */
    static Quantization symmetric(double least, double most) {
        double bound = Math.max(-least, most);
        return new Quantization(bound > 0 ? bound / 127 : 1.0 / 127, 0);
    }

    /** All 256 numbers for a range, widened to hold 0. */
    static Quantization affine(double least, double most) {
        double low = Math.min(0, least);
        double high = Math.max(0, most);
        if (high == low) {
            return symmetric(0, 0);
        }
        double scale = (high - low) / 255;
        return new Quantization(scale, (int) FixedPoint.clamp8((int) (-128 - Math.round(low / scale))));
    }

    /** 16 bits, one scale for all classes. */
    static Quantization logits(double least, double most) {
        double bound = Math.max(-least, most);
        return new Quantization(bound > 0 ? bound / LOGIT_STEPS : 1 / LOGIT_STEPS, 0);
    }

    /** The nearest 8-bit number to a real one. */
    public int quantize(double real) {
        return (int) Math.max(-128, Math.min(127, Math.round(real / scale) + zeroPoint));
    }

    public double real(int q) {
        return scale * (q - zeroPoint);
    }

    /** The nearest 8-bit numbers, in order. */
    public byte[] quantize(float[] reals) {
        byte[] q = new byte[reals.length];
        for (int i = 0; i < q.length; i++) {
            q[i] = (byte) quantize(reals[i]);
        }
        return q;
    }
}
