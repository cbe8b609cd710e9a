package dev.lathe.predict.train.adapt;

import dev.lathe.base.ProgressListener;
import dev.lathe.predict.adapt.ChoiceEncoding;
import dev.lathe.predict.adapt.ChoiceKernel;
import dev.lathe.predict.adapt.TransferModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.jspecify.annotations.Nullable;

/**
 * Fits one Gaussian process to each known device. Kernel and noise of each are those that make its latencies most likely,
 * so a device that runs every operation gets a function of counts, and one whose compiler prunes gets one of choices.
 */
final class SurrogateFit {
    private static final double[] COUNT_SHARES = {1, 0.5};
    private static final double[] NOISES = {1e-3, 1e-2, 3e-2, 1e-1, 3e-1};

    private SurrogateFit() {}

    /**
     * @param targets standardized latencies, shape (devices, n)
     * @return a surrogate a device, in order
     */
    static List<TransferModel.Surrogate> fit(
            ChoiceEncoding encoding,
            ChoiceKernel kernel,
            int[][] anchors,
            List<String> devices,
            double[][] targets,
            ProgressListener progress) {
        TransferModel.@Nullable Surrogate[] best = new TransferModel.@Nullable Surrogate[devices.size()];
        double[] bestLikelihood = new double[devices.size()];
        int done = 0;
        for (double share : COUNT_SHARES) {
            double[][] k = kernel.matrix(encoding, anchors, share);
            for (double noise : NOISES) {
                RealMatrix m = new Array2DRowRealMatrix(k);
                for (int i = 0; i < k.length; i++) {
                    m.addToEntry(i, i, noise);
                }
                CholeskyDecomposition cholesky = new CholeskyDecomposition(m, 1e-9, 1e-12);
                double logDeterminant = 0;
                RealMatrix l = cholesky.getL();
                for (int i = 0; i < k.length; i++) {
                    logDeterminant += 2 * Math.log(l.getEntry(i, i));
                }
                for (int d = 0; d < devices.size(); d++) {
                    RealVector y = new ArrayRealVector(targets[d], false);
                    RealVector alpha = cholesky.getSolver().solve(y);
                    // The scale that makes the latencies most likely is put in, so only its logarithm remains.
                    double scale = Math.max(y.dotProduct(alpha) / k.length, Double.MIN_NORMAL);
                    double likelihood = -k.length * Math.log(scale) - logDeterminant;
                    if (best[d] == null || likelihood > bestLikelihood[d]) {
                        bestLikelihood[d] = likelihood;
                        best[d] = new TransferModel.Surrogate(devices.get(d), share, alpha.toArray());
                    }
                }
                progress.report("surrogates", ++done, (long) COUNT_SHARES.length * NOISES.length, "");
            }
        }
        List<TransferModel.Surrogate> surrogates = new ArrayList<>();
        Arrays.stream(best).forEach(b -> surrogates.add(java.util.Objects.requireNonNull(b)));
        return surrogates;
    }
}
