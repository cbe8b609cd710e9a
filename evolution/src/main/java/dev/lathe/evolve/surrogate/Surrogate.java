package dev.lathe.evolve.surrogate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gaussian processes, one for each of several metrics of which small values are good, over the architectures of a space: told
 * what was evaluated, they predict the rest and say how sure they are. Not safe for use by several threads.
 */
public final class Surrogate {
    private static final int FIRST_ROUNDS = 12;
    private static final int LATER_ROUNDS = 4;
    /** The kernels are fitted anew when there are so many times more values; in between they stay. */
    private static final double REFIT = 1.12;

    private final int metrics;
    private final Similarities evaluated = new Similarities();
    private final List<double[]> values = new ArrayList<>();
    private final @Nullable Model[] models;
    private final @Nullable Fitted[] last;
    private int fitted;

    public Surrogate(int metrics) {
        this.metrics = metrics;
        this.models = new Model[metrics];
        this.last = new Fitted[metrics];
    }

    /** @param minimized a value for each metric */
    public void add(Encoding.Point point, double[] minimized) {
        evaluated.add(point);
        values.add(minimized.clone());
    }

    /** Fits the models to everything added; at least two architectures are needed. */
    public void fit() {
        boolean isFirst = fitted == 0;
        boolean isRefit = isFirst || values.size() >= REFIT * fitted;
        fitted = isRefit ? values.size() : fitted;
        for (int m = 0; m < metrics; m++) {
            int metric = m;
            double[] y = values.stream().mapToDouble(v -> v[metric]).toArray();
            Fitted from = last[m];
            Model best = null;
            if (from != null && !isRefit) {
                best = Model.fit(evaluated, y, Warp.of(y, from.isLog), from.logs, 0);
            } else {
                for (Warp warp : Warp.of(y)) {
                    double[] logs = from == null ? null : from.logs;
                    Model model = Model.fit(evaluated, y, warp, logs, isFirst ? FIRST_ROUNDS : LATER_ROUNDS);
                    best = best == null || model.likelihood > best.likelihood ? model : best;
                }
            }
            models[m] = best;
            last[m] = best == null ? null : new Fitted(best.warp instanceof Warp.Log, best.process.logs());
        }
    }

    /** What the next models are fitted from: with the same values added, {@link #restore} brings a surrogate to where this one is. */
    public List<Double> state() {
        List<Double> state = new ArrayList<>(List.of((double) fitted));
        for (Fitted f : last) {
            if (f != null) {
                state.add(f.isLog ? 1.0 : 0.0);
                Arrays.stream(f.logs).forEach(state::add);
            }
        }
        return state;
    }

    /**
     * Takes over the state of another surrogate of as many metrics; it predicts after the next {@link #fit}.
     *
     * @throws IllegalArgumentException if it is none
     */
    public void restore(List<Double> state) {
        int each = 1 + Kernel.PARAMETERS;
        if (state.size() != 1 + metrics * each) {
            throw new IllegalArgumentException("A state of %d metrics has %d numbers, not %d"
                    .formatted(metrics, 1 + metrics * each, state.size()));
        }
        fitted = (int) Math.round(state.get(0));
        for (int m = 0; m < metrics; m++) {
            List<Double> of = state.subList(1 + m * each, 1 + (m + 1) * each);
            last[m] = new Fitted(
                    of.get(0) != 0,
                    of.stream().skip(1).mapToDouble(Double::doubleValue).toArray());
        }
    }

    /** @param logs of the kernel's parameters */
    // The array is this class's own and never changed.
    @SuppressWarnings("ArrayRecordComponent")
    private record Fitted(boolean isLog, double[] logs) {}

    /** @param likelihood logarithm of the density of the values themselves, whatever the warp */
    private record Model(GaussianProcess process, Warp warp, double likelihood) {
        static Model fit(Similarities all, double[] y, Warp warp, double @Nullable [] from, int rounds) {
            GaussianProcess g =
                    GaussianProcess.fit(all, Arrays.stream(y).map(warp::to).toArray(), from, rounds);
            return new Model(
                    g,
                    warp,
                    g.likelihood() + Arrays.stream(y).map(warp::logSlope).sum());
        }
    }

    /** What is expected of one architecture; grows more sure as others are taken for known. */
    public final class Prediction {
        private final Encoding.Point point;
        private final double[] means = new double[metrics];
        private final double[] warped = new double[metrics];
        private final double[] variances = new double[metrics];
        private final double[][] explained = new double[metrics][];

        private Prediction(Encoding.Point point) {
            this.point = point;
            int n = evaluated.size();
            double[] agreements = new double[n];
            double[] totals = new double[n];
            double[] subtrees = new double[n];
            for (int i = 0; i < n; i++) {
                Encoding.Point e = evaluated.point(i);
                agreements[i] = point.agreement(e);
                totals[i] = point.totalProduct(e);
                subtrees[i] = point.subtreeProduct(e);
            }
            double[] covariances = new double[n];
            for (int m = 0; m < metrics; m++) {
                GaussianProcess model = model(m).process;
                Kernel k = model.kernel();
                for (int i = 0; i < n; i++) {
                    Encoding.Point e = evaluated.point(i);
                    covariances[i] = k.value(
                            agreements[i],
                            totals[i],
                            point.totalSquared(e, totals[i]),
                            subtrees[i],
                            point.subtreeSquared(e, subtrees[i]));
                }
                warped[m] = model.mean(covariances);
                means[m] = model(m).warp.from(warped[m]);
                explained[m] = model.explained(covariances);
                double v = k.value(point, point) + k.noise();
                for (double x : explained[m]) {
                    v -= x * x;
                }
                variances[m] = Math.max(0, v);
            }
        }

        /** Expected values, in the metrics' units. */
        public double[] means() {
            return means.clone();
        }

        /** Standard deviations, in the metrics' units. */
        public double[] deviations() {
            double[] d = new double[metrics];
            for (int m = 0; m < metrics; m++) {
                double sd = Math.sqrt(variances[m]) * model(m).process.scale();
                // Of the better side, where gains are.
                d[m] = (means[m] - model(m).warp.from(warped[m] - 2 * sd)) / 2;
            }
            return d;
        }

        /** What is left uncertain if the other one is evaluated, and is as expected. */
        public void know(Prediction other) {
            for (int m = 0; m < metrics; m++) {
                Kernel k = model(m).process.kernel();
                double covariance = k.value(point, other.point);
                double[] a = explained[m];
                double[] b = other.explained[m];
                for (int i = 0; i < a.length; i++) {
                    covariance -= a[i] * b[i];
                }
                double deviation = Math.sqrt(Math.max(1e-12, other.variances[m]));
                double x = covariance / deviation;
                explained[m] = Arrays.copyOf(a, a.length + 1);
                explained[m][a.length] = x;
                variances[m] = Math.max(0, variances[m] - x * x);
            }
        }
    }

    public Prediction predict(Encoding.Point point) {
        return new Prediction(point);
    }

    private Model model(int m) {
        Model model = models[m];
        if (model == null) {
            throw new IllegalStateException("A surrogate is to be fitted before it predicts");
        }
        return model;
    }
}
