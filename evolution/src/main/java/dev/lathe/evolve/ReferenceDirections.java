package dev.lathe.evolve;

import java.util.ArrayList;
import java.util.List;

/**
 * Directions spread evenly over the unit simplex (Das and Dennis, <i>Normal-boundary intersection</i>, SIAM Journal on Optimization
 * 8(3), 1998), and what is nearest to which of them.
 */
final class ReferenceDirections {
    private final double[][] directions;
    private final double[] squares;

    private ReferenceDirections(List<double[]> directions) {
        this.directions = directions.toArray(double[][]::new);
        this.squares = new double[this.directions.length];
        for (int d = 0; d < squares.length; d++) {
            squares[d] = dot(this.directions[d], this.directions[d]);
        }
    }

    /** As many as the finest even grid has, but at most {@code most}; at least the corners. */
    static ReferenceDirections of(int objectives, int most) {
        int divisions = 1;
        while (objectives > 1 && count(objectives, divisions + 1) <= most) {
            divisions++;
        }
        List<double[]> all = new ArrayList<>();
        fill(all, new double[objectives], 0, divisions, divisions);
        return new ReferenceDirections(all);
    }

    /** Binomial(divisions + objectives - 1, objectives - 1). */
    private static long count(int objectives, int divisions) {
        long n = 1;
        for (int i = 1; i < objectives; i++) {
            n = n * (divisions + i) / i;
        }
        return n;
    }

    private static void fill(List<double[]> all, double[] direction, int at, int left, int divisions) {
        if (at == direction.length - 1) {
            direction[at] = (double) left / divisions;
            all.add(direction.clone());
            return;
        }
        for (int i = 0; i <= left; i++) {
            direction[at] = (double) i / divisions;
            fill(all, direction, at + 1, left - i, divisions);
        }
    }

    int size() {
        return directions.length;
    }

    /** The direction whose line from the origin is nearest; of equally near ones the first. */
    int nearest(double[] point) {
        int best = 0;
        double least = squaredDistance(point, 0);
        for (int d = 1; d < directions.length; d++) {
            double distance = squaredDistance(point, d);
            if (distance < least) {
                best = d;
                least = distance;
            }
        }
        return best;
    }

    /** The square of the distance between a point and a direction's line. */
    double squaredDistance(double[] point, int d) {
        double along = dot(point, directions[d]);
        return dot(point, point) - along * along / squares[d];
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
