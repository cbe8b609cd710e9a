package dev.lathe.evolve.surrogate;

import java.util.ArrayList;
import java.util.List;

/** Evaluated architectures and how alike each two of them are, whatever the kernel: a lower triangle that grows by a row. */
final class Similarities {
    private final List<Encoding.Point> points = new ArrayList<>();
    private final List<double[]> agreements = new ArrayList<>();
    private final List<double[]> totals = new ArrayList<>();
    private final List<double[]> subtrees = new ArrayList<>();

    void add(Encoding.Point p) {
        points.add(p);
        int n = points.size();
        double[] agreement = new double[n];
        double[] total = new double[n];
        double[] subtree = new double[n];
        for (int i = 0; i < n; i++) {
            agreement[i] = p.agreement(points.get(i));
            total[i] = p.totalProduct(points.get(i));
            subtree[i] = p.subtreeProduct(points.get(i));
        }
        agreements.add(agreement);
        totals.add(total);
        subtrees.add(subtree);
    }

    int size() {
        return points.size();
    }

    Encoding.Point point(int i) {
        return points.get(i);
    }

    /** @param j at most {@code i} */
    double kernel(Kernel k, int i, int j) {
        double total = totals.get(i)[j];
        double subtree = subtrees.get(i)[j];
        Encoding.Point a = points.get(i);
        Encoding.Point b = points.get(j);
        return k.value(agreements.get(i)[j], total, a.totalSquared(b, total), subtree, a.subtreeSquared(b, subtree));
    }
}
