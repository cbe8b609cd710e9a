package dev.lathe.predict.train.adapt;

import dev.lathe.base.ProgressListener;
import dev.lathe.predict.adapt.ChoiceEncoding;
import dev.lathe.predict.adapt.ChoiceKernel;
import dev.lathe.predict.adapt.TransferModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.DecompositionSolver;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;

/**
 * Fits one Gaussian process to each known device. Kernel and noise of each are those that make its latencies most likely,
 * so a device that runs every operation gets a function of counts, and one whose compiler prunes gets one of choices.
 */
final class SurrogateFit {
    private static final double[] COUNT_SHARES = {1, 0.5};
    private static final double[] NOISES = {1e-3, 1e-2, 3e-2, 1e-1, 3e-1};

    /**
     * A fitted device.
     *
     * @param surrogate its function
     * @param leftOut what the others say of each anchor, shape (n): what the surrogate would say had it not seen it
     */
    @SuppressWarnings("ArrayRecordComponent") // within the package, never compared
    record Fitted(TransferModel.Surrogate surrogate, double[] leftOut) {}

    /** A kernel and noise, and the likelihood it gives each device. */
    private record Setting(double countShare, double noise, double[] likelihoods) {}

    private SurrogateFit() {}

    /**
     * @param targets standardized latencies, shape (devices, n)
     * @return one fit a device, in order
     */
    static List<Fitted> fit(
            ChoiceEncoding encoding,
            ChoiceKernel kernel,
            int[][] anchors,
            List<String> devices,
            double[][] targets,
            ProgressListener progress) {
        List<Setting> settings = new ArrayList<>();
        for (double share : COUNT_SHARES) {
            double[][] k = kernel.matrix(encoding, anchors, share);
            for (double noise : NOISES) {
                settings.add(new Setting(share, noise, likelihoods(decomposed(k, noise), targets)));
                progress.report("surrogates", settings.size(), (long) COUNT_SHARES.length * NOISES.length, "");
            }
        }
        Map<Integer, Fitted> fitted = new TreeMap<>();
        for (Setting s : settings) {
            List<Integer> chosen = IntStream.range(0, devices.size())
                    .filter(d -> settings.stream().noneMatch(o -> o.likelihoods[d] > s.likelihoods[d]))
                    .filter(d -> !fitted.containsKey(d))
                    .boxed()
                    .toList();
            if (!chosen.isEmpty()) {
                DecompositionSolver solver = decomposed(kernel.matrix(encoding, anchors, s.countShare), s.noise)
                        .getSolver();
                RealMatrix inverse = solver.getInverse();
                for (int d : chosen) {
                    double[] alpha = inverse.operate(targets[d]);
                    double[] leftOut = new double[alpha.length];
                    Arrays.setAll(leftOut, i -> targets[d][i] - alpha[i] / inverse.getEntry(i, i));
                    fitted.put(
                            d, new Fitted(new TransferModel.Surrogate(devices.get(d), s.countShare, alpha), leftOut));
                }
            }
        }
        return List.copyOf(fitted.values());
    }

    private static CholeskyDecomposition decomposed(double[][] kernel, double noise) {
        RealMatrix m = new Array2DRowRealMatrix(kernel);
        for (int i = 0; i < kernel.length; i++) {
            m.addToEntry(i, i, noise);
        }
        return new CholeskyDecomposition(m, 1e-9, 1e-12);
    }

    /** Of each device, with the scale put in that makes its latencies most likely, so that only its logarithm remains. */
    private static double[] likelihoods(CholeskyDecomposition cholesky, double[][] targets) {
        RealMatrix l = cholesky.getL();
        int n = l.getRowDimension();
        double logDeterminant = 0;
        for (int i = 0; i < n; i++) {
            logDeterminant += 2 * Math.log(l.getEntry(i, i));
        }
        double[] out = new double[targets.length];
        for (int d = 0; d < out.length; d++) {
            RealVector y = new ArrayRealVector(targets[d], false);
            double scale = y.dotProduct(cholesky.getSolver().solve(y)) / n;
            out[d] = -n * Math.log(Math.max(scale, Double.MIN_NORMAL)) - logDeterminant;
        }
        return out;
    }
}
