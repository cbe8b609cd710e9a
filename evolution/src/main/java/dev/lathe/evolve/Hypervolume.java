package dev.lathe.evolve;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/**
 * <b>Hypervolume indicator</b> (Zitzler and Thiele, <i>Multiobjective evolutionary algorithms: a comparative case study and
 * the strength Pareto approach</i>, IEEE Transactions on Evolutionary Computation 3(4), 1999): the volume of the part of
 * objective space that a set of points dominates, up to a reference point. Exact for 1 to 4 objectives.
 *
 * @implNote Two and three dimensions are swept with a staircase in a balanced tree, in O(n log n) (Fonseca, Paquete and
 *     López-Ibáñez, <i>An improved dimension-sweep algorithm for the hypervolume indicator</i>, CEC 2006); the fourth is cut
 *     into slices of three, in O(n² log n).
 */
public final class Hypervolume {
    private Hypervolume() {}

    /**
     * The volume dominated by the points; those not better than the reference in every objective add nothing.
     *
     * @param points vectors of which every component is to be minimized; dominated and repeated ones are harmless
     * @param reference the worst corner, of 1 to 4 components
     * @throws IllegalArgumentException if there are more than 4 components, or a point has another number of them
     */
    public static double of(double[][] points, double[] reference) {
        int d = reference.length;
        if (d < 1 || d > 4) {
            throw new IllegalArgumentException("Hypervolume is for 1 to 4 objectives, not " + d);
        }
        for (double[] p : points) {
            if (p.length != d) {
                throw new IllegalArgumentException("Point %s has %d components, the reference point has %d"
                        .formatted(Arrays.toString(p), p.length, d));
            }
        }
        double[][] inside = Arrays.stream(points)
                .filter(p -> {
                    for (int i = 0; i < d; i++) {
                        if (!(p[i] < reference[i])) {
                            return false;
                        }
                    }
                    return true;
                })
                // A total order, so that rounding does not depend on the order the points came in.
                .sorted(Comparator.comparingDouble((double[] p) -> p[d - 1]).thenComparing(Arrays::compare))
                .toArray(double[][]::new);
        return switch (d) {
            case 1 -> inside.length == 0 ? 0 : reference[0] - inside[0][0];
            case 2 -> area(inside, reference);
            case 3 -> volume(inside, reference);
            default -> slices(inside, reference);
        };
    }

    private static double area(double[][] points, double[] reference) {
        Staircase stairs = new Staircase(reference[0], reference[1]);
        for (double[] p : points) {
            stairs.add(p[0], p[1]);
        }
        return stairs.area;
    }

    /** Points in ascending order of the third component: between two of them the cut is a staircase. */
    private static double volume(double[][] points, double[] reference) {
        Staircase stairs = new Staircase(reference[0], reference[1]);
        double volume = 0;
        for (int i = 0; i < points.length; i++) {
            stairs.add(points[i][0], points[i][1]);
            double top = i + 1 < points.length ? points[i + 1][2] : reference[2];
            volume += stairs.area * (top - points[i][2]);
        }
        return volume;
    }

    private static double slices(double[][] points, double[] reference) {
        double volume = 0;
        for (int i = 0; i < points.length; i++) {
            double top = i + 1 < points.length ? points[i + 1][3] : reference[3];
            if (top > points[i][3]) {
                double[][] below = Arrays.copyOf(points, i + 1);
                Arrays.sort(below, Comparator.comparingDouble(p -> p[2]));
                volume += volume(below, reference) * (top - points[i][3]);
            }
        }
        return volume;
    }

    /** A set of points of the plane, none covering another, and the area it dominates up to the corner. */
    private static final class Staircase {
        private final TreeMap<Double, Double> steps = new TreeMap<>();
        private final double cornerX;
        private final double cornerY;
        private double area;

        Staircase(double cornerX, double cornerY) {
            this.cornerX = cornerX;
            this.cornerY = cornerY;
        }

        void add(double x, double y) {
            Map.Entry<Double, Double> left = steps.floorEntry(x);
            if (left != null && left.getValue() <= y) {
                return;
            }
            // What is new lies between y and the height of the old stairs, from x to the first step that is not above
            // y.
            double height = left == null ? cornerY : left.getValue();
            double from = x;
            Map.Entry<Double, Double> step = steps.ceilingEntry(x);
            while (step != null && step.getValue() >= y) {
                area += (step.getKey() - from) * (height - y);
                height = step.getValue();
                from = step.getKey();
                steps.remove(step.getKey());
                step = steps.ceilingEntry(x);
            }
            area += ((step == null ? cornerX : step.getKey()) - from) * (height - y);
            steps.put(x, y);
        }
    }
}
