package dev.lathe.space;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Compares a figure with one that was published rounded. */
public final class PrintedDigits {
    private PrintedDigits() {}

    /**
     * Agrees where ours rounds to theirs; a tie may have been rounded either way. Ours is shown with two digits more.
     *
     * @param what what it is of, with the unit
     * @param theirs the figure as printed, for example {@code 3.774}
     * @param ours the exact figure
     * @param exponent power of ten of the printed unit: 6 for millions
     */
    public static Comparison compare(String what, String theirs, long ours, int exponent) {
        return within(what, theirs, ours, exponent, new BigDecimal("0.5"), "to the printed digits");
    }

    /** As {@link #compare}, for figures whose counting is not known to the last operation: within one of the last digit. */
    public static Comparison compareClosely(String what, String theirs, long ours, int exponent) {
        return within(what, theirs, ours, exponent, BigDecimal.ONE, "within one of the last digit");
    }

    private static Comparison within(
            String what, String theirs, long ours, int exponent, BigDecimal units, String bar) {
        BigDecimal printed = new BigDecimal(theirs);
        BigDecimal exact = BigDecimal.valueOf(ours).movePointLeft(exponent);
        return new Comparison(
                what,
                theirs,
                exact.setScale(printed.scale() + 2, RoundingMode.HALF_UP).toPlainString(),
                bar,
                exact.subtract(printed).abs().compareTo(units.movePointLeft(printed.scale())) <= 0);
    }
}
