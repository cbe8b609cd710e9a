package dev.lathe.evolve;

/**
 * <b>IGD+</b>: how far, on average, a set of points is behind a reference front, where only being worse counts (Ishibuchi, Masuda,
 * Tanigaki and Nojima, <i>Modified distance calculation in generational distance and inverted generational distance</i>, EMO 2015).
 * Unlike IGD it never grows when a set gets better.
 */
public final class IgdPlus {
    private IgdPlus() {}

    /**
     * @param points found, every component to be minimized; at least one
     * @param front the reference front, at least one point of as many components
     * @return 0 exactly where every reference point is covered
     */
    public static double of(double[][] points, double[][] front) {
        if (points.length == 0 || front.length == 0) {
            throw new IllegalArgumentException(
                    "IGD+ needs points and a front, not %d and %d".formatted(points.length, front.length));
        }
        double sum = 0;
        for (double[] z : front) {
            double least = Double.POSITIVE_INFINITY;
            for (double[] p : points) {
                if (p.length != z.length) {
                    throw new IllegalArgumentException(
                            "A point has %d components, the front has %d".formatted(p.length, z.length));
                }
                double squares = 0;
                for (int i = 0; i < z.length; i++) {
                    double behind = Math.max(0, p[i] - z[i]);
                    squares += behind * behind;
                }
                least = Math.min(least, squares);
            }
            sum += Math.sqrt(least);
        }
        return sum / front.length;
    }
}
