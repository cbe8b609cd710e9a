package dev.lathe.predict.help;

import dev.lathe.predict.adapt.Provenance;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * A meta-trained HELP, as plain values.
 *
 * @param provenance what made it
 * @param graph how choices become a graph
 * @param references architectures whose latencies are the hardware embedding, shape (k, columns)
 * @param width hidden width L
 * @param draws predictors drawn from the modulation's posterior and averaged
 * @param steps gradient steps on a new device
 * @param embedding mean embedding of the training devices, shape (k)
 * @param theta start of the predictor
 * @param alpha step sizes
 * @param phi modulation
 */
@SuppressWarnings("ArrayRecordComponent") // a parcel between file, trainer and adapter, never compared
public record HelpModel(
        Provenance provenance,
        CellGraph graph,
        int[][] references,
        int width,
        int draws,
        int steps,
        double[] embedding,
        double[] theta,
        double[] alpha,
        double[] phi) {
    private static final int MOST_WIDTH = 1_000;
    private static final int MOST_DRAWS = 1_000;
    private static final int MOST_STEPS = 1_000;

    public HelpModel {
        int k = references.length;
        require(k >= 2 && width >= 1 && width <= MOST_WIDTH, "it has no references, or no width from 1 to 1000");
        require(steps >= 0 && steps <= MOST_STEPS, "it takes no 0 to 1000 steps");
        require(draws >= 1 && draws <= MOST_DRAWS, "it draws no 1 to 1000 predictors");
        require(
                Arrays.stream(references)
                        .allMatch(r -> r.length == graph.encoding().columns().size()),
                "a reference has another number of choices");
        HelpNetwork network = new HelpNetwork(graph.types(), k, width);
        HardwareModulation modulation = new HardwareModulation(network, k);
        require(embedding.length == k && finite(embedding), "its embedding is not finite or not one a reference");
        require(
                theta.length == network.size()
                        && alpha.length == network.size()
                        && phi.length == modulation.size()
                        && finite(theta)
                        && finite(alpha)
                        && finite(phi),
                "its parameters are not finite or of another number");
    }

    private static boolean finite(double[] values) {
        return DoubleStream.of(values).allMatch(Double::isFinite);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
