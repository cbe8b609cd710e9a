package dev.lathe.predict.adapt;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Everything a {@link TransferAdapter} knows, as plain values.
 *
 * @param provenance what made it
 * @param encoding the choices it understands
 * @param kernel distances of choices
 * @param anchors training architectures, shape (n, columns)
 * @param surrogates the known devices
 * @param countMeans mean of each count over the anchors
 * @param countDeviations its standard deviation, 1 where it is constant
 * @param variances of the kernel's parts, see {@link TransferPrior}
 * @param weights of the prior
 * @param scores by number of measurements: quantiles 0 to 100 % of |measured - predicted| in predicted standard deviations,
 *     on training devices that were left out
 * @param upperScores the same of measured - predicted, with its sign
 */
@SuppressWarnings("ArrayRecordComponent") // a parcel between file, trainer and adapter, never compared
public record TransferModel(
        Provenance provenance,
        ChoiceEncoding encoding,
        ChoiceKernel kernel,
        int[][] anchors,
        List<Surrogate> surrogates,
        double[] countMeans,
        double[] countDeviations,
        double[] variances,
        KernelWeights weights,
        SortedMap<Integer, double[]> scores,
        SortedMap<Integer, double[]> upperScores) {
    /** Number of quantiles kept of the scores. */
    public static final int QUANTILES = 201;

    /**
     * A known device: its latency, standardized over the anchors, as a Gaussian process's mean.
     *
     * @param device its name
     * @param countShare how much of the kernel is of counts, 0 to 1; the rest tells the decisions apart
     * @param alpha weight of each anchor
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Surrogate(String device, double countShare, double[] alpha) {}

    public TransferModel {
        surrogates = List.copyOf(surrogates);
        scores = new TreeMap<>(scores);
        upperScores = new TreeMap<>(upperScores);
        int values = encoding.size();
        int n = anchors.length;
        require(n > 0, "it has no anchors");
        require(!surrogates.isEmpty(), "it knows no device");
        require(
                Stream.of(anchors).allMatch(a -> a.length == encoding.columns().size()),
                "an anchor has another number of choices");
        require(countMeans.length == values && countDeviations.length == values, "its counts have no mean each");
        require(variances.length == 3 && allAbove0(variances), "its three variances are not all above 0");
        require(allAbove0(countDeviations), "a deviation of counts is not above 0");
        require(DoubleStream.of(countMeans).allMatch(Double::isFinite), "a mean of counts is not finite");
        for (Surrogate s : surrogates) {
            require(
                    s.countShare >= 0
                            && s.countShare <= 1
                            && s.alpha.length == n
                            && DoubleStream.of(s.alpha).allMatch(Double::isFinite),
                    "a device's weights are not finite or not one an anchor");
        }
        require(!scores.isEmpty(), "it has no scores");
        scores.forEach((size, quantiles) -> require(
                size >= 1
                        && quantiles.length == QUANTILES
                        && DoubleStream.of(quantiles).allMatch(q -> q >= 0 && Double.isFinite(q)),
                "its scores are no quantiles"));
        require(upperScores.keySet().equals(scores.keySet()), "its two kinds of scores are of other sizes");
        upperScores.forEach((size, quantiles) -> require(
                quantiles.length == QUANTILES && DoubleStream.of(quantiles).allMatch(Double::isFinite),
                "its upper scores are no quantiles"));
    }

    private static boolean allAbove0(double[] values) {
        return DoubleStream.of(values).allMatch(v -> v > 0 && Double.isFinite(v));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
