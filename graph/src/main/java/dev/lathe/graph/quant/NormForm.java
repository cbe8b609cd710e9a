package dev.lathe.graph.quant;

/** Layer normalization's constants: as many fractional bits as every product and sum leaves room for. */
final class NormForm {
    private static final int MOST_NORMED = 1024;

    private NormForm() {}

    /** @throws ArithmeticException if it does not fit 32 bits */
    static IntegerOperator.Norm of(float[] gamma, float[] beta, double epsilon, Quantization x, Quantization y) {
        int n = gamma.length;
        if (n > MOST_NORMED) {
            throw new ArithmeticException("layer norm of more than %d channels".formatted(MOST_NORMED));
        }
        double most = 0;
        for (float g : gamma) {
            most = Math.max(most, Math.abs(g) / y.scale());
        }
        int fraction = most == 0 ? 14 : Math.min(14, 14 - (Math.getExponent(most) + 1));
        // A normalized value is at most √(n - 1).
        while (!fits(gamma, beta, y.scale(), fraction, Math.sqrt(n) * 1024 + 1)) {
            fraction--;
        }
        if (fraction < 0) {
            throw new ArithmeticException("its gain and offset are too large for its range");
        }
        int[] gains = new int[n];
        int[] offsets = new int[n];
        for (int c = 0; c < n; c++) {
            gains[c] = (int) Math.round(gamma[c] / y.scale() * Math.scalb(1.0, fraction));
            offsets[c] = (int) Math.round(beta[c] / y.scale() * Math.scalb(1.0, 10 + fraction));
        }
        double added = Math.max(1, Math.rint(epsilon * n * n / (x.scale() * x.scale())));
        if (added > Integer.MAX_VALUE) {
            throw new ArithmeticException("its epsilon is too large for its range");
        }
        return new IntegerOperator.Norm(gains, offsets, fraction, y.zeroPoint(), (int) added);
    }

    private static boolean fits(float[] gamma, float[] beta, double scale, int fraction, double most) {
        boolean fits = true;
        for (int c = 0; c < gamma.length; c++) {
            double g = Math.abs(gamma[c]) / scale * Math.scalb(1.0, fraction);
            double h = Math.abs(beta[c]) / scale * Math.scalb(1.0, 10 + fraction);
            fits &= g < 0x1p14 && g * most + h + most < 0x1p30;
        }
        return fits;
    }
}
