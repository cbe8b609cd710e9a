package dev.lathe.evolve;

import java.util.Arrays;

/**
 * <b>Crowding distance</b> of Deb, Pratap, Agarwal and Meyarivan, <i>A fast and elitist multiobjective genetic algorithm:
 * NSGA-II</i>, IEEE Transactions on Evolutionary Computation 6(2), 2002: the sum over the objectives of the gap between a
 * point's two neighbors, as a share of the objective's range. The ends of each objective are infinitely far from the rest.
 */
final class Crowding {
    private Crowding() {}

    /** The distances of points of one front; ties in an objective are ordered by index, so the result is deterministic. */
    static double[] distances(double[][] points) {
        int n = points.length;
        double[] distance = new double[n];
        for (int m = 0; n > 0 && m < points[0].length; m++) {
            int[] order = order(points, m);
            double range = points[order[n - 1]][m] - points[order[0]][m];
            distance[order[0]] = Double.POSITIVE_INFINITY;
            distance[order[n - 1]] = Double.POSITIVE_INFINITY;
            for (int i = 1; range > 0 && i < n - 1; i++) {
                distance[order[i]] += (points[order[i + 1]][m] - points[order[i - 1]][m]) / range;
            }
        }
        return distance;
    }

    /**
     * The {@code k} points (indices, ascending) that stay when the most crowded point is removed again and again, its
     * neighbors' distances being brought up to date each time. The best and the worst point of every objective stay to the
     * end; where {@code k} is too small even for them, the best points come first, in the order of the objectives.
     */
    static int[] spread(double[][] points, int k) {
        int n = points.length;
        if (n <= k) {
            return IndexSort.identity(n);
        }
        int objectives = points[0].length;
        int[][] previous = new int[objectives][n];
        int[][] next = new int[objectives][n];
        double[] range = new double[objectives];
        int[] keepRank = new int[n]; // 0: may go; larger ones go later
        for (int m = objectives - 1; m >= 0; m--) {
            int[] order = order(points, m);
            for (int i = 0; i < n; i++) {
                previous[m][order[i]] = i == 0 ? -1 : order[i - 1];
                next[m][order[i]] = i == n - 1 ? -1 : order[i + 1];
            }
            range[m] = points[order[n - 1]][m] - points[order[0]][m];
            keepRank[order[n - 1]] = Math.max(keepRank[order[n - 1]], objectives - m);
            keepRank[order[0]] = Math.max(keepRank[order[0]], 2 * objectives - m);
        }
        double[] distance = new double[n];
        for (int i = 0; i < n; i++) {
            distance[i] = distance(points, previous, next, range, i);
        }
        boolean[] gone = new boolean[n];
        for (int left = n; left > k; left--) {
            int worst = -1;
            for (int i = 0; i < n; i++) {
                if (!gone[i]
                        && (worst < 0
                                || keepRank[i] < keepRank[worst]
                                // of equals the later one goes
                                || (keepRank[i] == keepRank[worst] && distance[i] <= distance[worst]))) {
                    worst = i;
                }
            }
            gone[worst] = true;
            for (int m = 0; m < objectives; m++) {
                int p = previous[m][worst];
                int q = next[m][worst];
                if (p >= 0) {
                    next[m][p] = q;
                }
                if (q >= 0) {
                    previous[m][q] = p;
                }
            }
            for (int m = 0; m < objectives; m++) {
                for (int neighbor : new int[] {previous[m][worst], next[m][worst]}) {
                    if (neighbor >= 0) {
                        distance[neighbor] = distance(points, previous, next, range, neighbor);
                    }
                }
            }
        }
        return Arrays.stream(IndexSort.identity(n)).filter(i -> !gone[i]).toArray();
    }

    private static double distance(double[][] points, int[][] previous, int[][] next, double[] range, int i) {
        double sum = 0;
        for (int m = 0; m < range.length; m++) {
            int p = previous[m][i];
            int q = next[m][i];
            if (range[m] > 0 && p >= 0 && q >= 0) {
                sum += (points[q][m] - points[p][m]) / range[m];
            }
        }
        return sum;
    }

    private static int[] order(double[][] points, int objective) {
        double[] keys = new double[points.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = points[i][objective];
        }
        int[] order = IndexSort.identity(keys.length);
        IndexSort.sort(order, 0, keys.length, keys);
        return order;
    }
}
