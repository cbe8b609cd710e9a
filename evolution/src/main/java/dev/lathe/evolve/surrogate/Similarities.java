package dev.lathe.evolve.surrogate;

import java.util.ArrayList;
import java.util.List;

/** Evaluated architectures and how alike each two of them are: a lower triangle that grows by a row. */
final class Similarities {
    private final List<Encoding.Point> points = new ArrayList<>();
    private final List<double[]> agreements = new ArrayList<>();
    private final List<double[]> products = new ArrayList<>();
    private final List<double[]> subtrees = new ArrayList<>();

    void add(Encoding.Point p) {
        points.add(p);
        int n = points.size();
        double[] agreement = new double[n];
        double[] product = new double[n];
        double[] subtree = new double[n];
        for (int i = 0; i < n; i++) {
            agreement[i] = p.agreement(points.get(i));
            product[i] = p.product(points.get(i));
            subtree[i] = p.subtreeProduct(points.get(i));
        }
        agreements.add(agreement);
        products.add(product);
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
        double product = products.get(i)[j];
        double squared = products.get(i)[i] + products.get(j)[j] - 2 * product;
        double sub = subtrees.get(i)[j];
        double subSquared = subtrees.get(i)[i] + subtrees.get(j)[j] - 2 * sub;
        return k.value(agreements.get(i)[j], product, Math.max(0, squared), sub, Math.max(0, subSquared));
    }
}
