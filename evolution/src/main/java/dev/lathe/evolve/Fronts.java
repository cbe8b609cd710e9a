package dev.lathe.evolve;

import java.util.Arrays;

/**
 * <b>Non-dominated sorting</b>: each point's front, where front 0 is dominated by none and front k only by points of earlier ones.
 * Points are met in lexicographic order, so that none is dominated by a later one, and each goes to the first front that does not
 * dominate it (Zhang, Tian, Cheng and Jin, <i>An efficient approach to nondominated sorting for evolutionary multiobjective
 * optimization</i>, IEEE Transactions on Evolutionary Computation 19(2), 2015). With two objectives the last member of a front
 * dominates whatever any of its members does, and the front is found by bisection: O(n log n). With more it takes O(n²) at worst.
 */
final class Fronts {
    private Fronts() {}

    /** The front of each point, counted from 0; all components are to be minimized. */
    static int[] of(double[][] points) {
        int n = points.length;
        int[] order = IndexSort.identity(n);
        int objectives = n == 0 ? 0 : points[0].length;
        double[] key = new double[n];
        for (int m = objectives - 1; m >= 0; m--) {
            for (int i = 0; i < n; i++) {
                key[i] = points[i][m];
            }
            IndexSort.sort(order, 0, n, key);
        }
        return objectives == 2 ? ofTwo(points, order) : ofMany(points, order);
    }

    private static int[] ofTwo(double[][] points, int[] order) {
        int[] front = new int[order.length];
        double[][] last = new double[order.length][];
        int fronts = 0;
        for (int i : order) {
            double[] p = points[i];
            int low = 0;
            int high = fronts;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (Dominance.dominates(last[middle], p)) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            front[i] = low;
            last[low] = p;
            fronts = Math.max(fronts, low + 1);
        }
        return front;
    }

    private static int[] ofMany(double[][] points, int[] order) {
        int[] front = new int[order.length];
        int[] last = new int[order.length];
        int[] before = new int[order.length]; // of each point, the one that joined its front before it
        Arrays.fill(last, -1);
        for (int i : order) {
            int k = 0;
            while (dominated(points, last[k], before, i)) {
                k++;
            }
            front[i] = k;
            before[i] = last[k];
            last[k] = i;
        }
        return front;
    }

    private static boolean dominated(double[][] points, int last, int[] before, int point) {
        for (int i = last; i >= 0; i = before[i]) {
            if (Dominance.dominates(points[i], points[point])) {
                return true;
            }
        }
        return false;
    }
}
