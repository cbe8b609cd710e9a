package dev.lathe.space.custom;

/**
 * A whole number computed from the decisions.
 *
 * @param divisor of which the number is the nearest multiple, and at least one
 * @param most the largest that it becomes
 */
record Whole(Expression expression, int divisor, int most) {
    int of(Point p) {
        return of(expression.value(p.values()), divisor);
    }

    /**
     * The nearest multiple of the divisor, at least one; halves go up.
     *
     * @throws IllegalArgumentException if it is no int
     */
    static int of(double value, int divisor) {
        double v = Math.max(1, Math.floor(value / divisor + 0.5)) * divisor;
        if (v > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a width of %.0f overflows; make it smaller".formatted(v));
        }
        return (int) v;
    }
}
