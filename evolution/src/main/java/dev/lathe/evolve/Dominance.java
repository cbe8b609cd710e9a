package dev.lathe.evolve;

/** Pareto dominance over vectors of which every component is to be minimized. */
final class Dominance {
    private Dominance() {}

    /** Whether {@code a} is nowhere worse and somewhere better than {@code b}. */
    static boolean dominates(double[] a, double[] b) {
        boolean better = false;
        for (int i = 0; i < a.length; i++) {
            if (a[i] > b[i]) {
                return false;
            }
            better |= a[i] < b[i];
        }
        return better;
    }

    /** Whether {@code a} is nowhere worse than {@code b}; equal vectors cover each other. */
    static boolean covers(double[] a, double[] b) {
        for (int i = 0; i < a.length; i++) {
            if (a[i] > b[i]) {
                return false;
            }
        }
        return true;
    }
}
