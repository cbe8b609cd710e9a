package dev.lathe.predict.train.adapt;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.adapt.ChoiceEncoding;
import dev.lathe.predict.adapt.ChoiceKernel;
import dev.lathe.predict.adapt.Described;
import dev.lathe.predict.adapt.KernelWeights;
import dev.lathe.predict.adapt.LatencyTable;
import dev.lathe.predict.adapt.Provenance;
import dev.lathe.predict.adapt.TransferAdapter;
import dev.lathe.predict.adapt.TransferModel;
import dev.lathe.predict.adapt.TransferPrior;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Makes a {@link TransferAdapter}: fits a surrogate to each known device, then chooses the prior by leaving each device
 * out, giving it a few measurements and ranking the rest of its architectures. The same residuals calibrate the intervals.
 */
public final class TransferTrainer {
    /** A device is judged by the others, and the others should be more than one. */
    public static final int LEAST_DEVICES = 3;

    /** Enough to choose measurements from and to rank the rest. */
    public static final int LEAST_ARCHITECTURES = 100;

    private static final int[] JUDGED_SIZES = {10, 20};
    private static final int[] CALIBRATED_SIZES = {2, 5, 10, 20, 40};
    private static final int CALIBRATION_DRAWS = 4;

    /** The best priors are averaged: one alone may lack what the next device needs, and is then sure of too much. */
    private static final int AVERAGED = 8;

    private final int candidates;
    private final ProgressListener progress;

    /** @param candidates number of priors tried, at least 1 */
    public TransferTrainer(int candidates, ProgressListener progress) {
        if (candidates < 1) {
            throw new InvalidInputException("%d priors cannot be tried; try at least 1".formatted(candidates));
        }
        this.candidates = candidates;
        this.progress = progress;
    }

    /** As {@link #train(LatencyTable, List, long)}, where every device gets a surrogate. */
    public TransferAdapter train(LatencyTable table, long seed) {
        return train(table, List.of(), seed);
    }

    /**
     * @param whole measurements of the known devices
     * @param validation those of its devices that get no surrogate, but are judged and calibrated on like those left out
     * @throws InvalidInputException if the table has fewer than {@value #LEAST_DEVICES} devices or
     *     {@value #LEAST_ARCHITECTURES} architectures, or a device that is equally fast on all
     */
    public TransferAdapter train(LatencyTable whole, List<String> validation, long seed) {
        List<String> known = new ArrayList<>(whole.devices());
        known.removeAll(validation);
        LatencyTable table = known.isEmpty()
                ? whole
                : whole.part(IntStream.range(0, whole.size()).toArray(), known);
        if (table.devices().size() < LEAST_DEVICES || table.size() < LEAST_ARCHITECTURES) {
            throw new InvalidInputException(
                    "transfer learns from at least %d devices and %d architectures, not %d and %d; give more measurements"
                            .formatted(
                                    LEAST_DEVICES,
                                    LEAST_ARCHITECTURES,
                                    table.devices().size(),
                                    table.size()));
        }
        int[][] anchors = table.choices();
        double[][] latency = new double[table.devices().size()][];
        double[][] standardized = new double[latency.length][];
        for (int d = 0; d < latency.length; d++) {
            latency[d] = table.latencyMs(table.devices().get(d));
            standardized[d] = standardized(table.devices().get(d), latency[d]);
        }
        ChoiceEncoding encoding = ChoiceEncoding.of(table);
        ChoiceKernel kernel = ChoiceKernel.of(encoding, anchors);
        List<SurrogateFit.Fitted> fitted =
                SurrogateFit.fit(encoding, kernel, anchors, table.devices(), standardized, progress);
        List<TransferModel.Surrogate> surrogates =
                fitted.stream().map(SurrogateFit.Fitted::surrogate).toList();
        double[][] moments = moments(encoding, anchors);

        Provenance provenance = new Provenance(
                "transfer",
                whole.sha256(),
                whole.devices(),
                table.size(),
                new TreeMap<>(java.util.Map.of(
                        "candidates", Integer.toString(candidates), "validation", String.join(" ", validation))),
                seed,
                new TreeMap<>(java.util.Map.of("java", System.getProperty("java.version", "unknown"))));
        TransferModel start = new TransferModel(
                provenance,
                encoding,
                kernel,
                anchors,
                surrogates,
                moments[0],
                moments[1],
                new double[] {1, 1, 1},
                new KernelWeights(1, 1, 1, 0, 0, 0, 1),
                new TreeMap<>(java.util.Map.of(1, new double[TransferModel.QUANTILES])),
                new TreeMap<>(java.util.Map.of(1, new double[TransferModel.QUANTILES])));
        // Judged on what the surrogates have not seen, as on a new device.
        Described described = new TransferAdapter(start)
                .describe(anchors)
                .withSources(fitted.stream().map(SurrogateFit.Fitted::leftOut).toArray(double[][]::new));
        double[] variances = TransferPrior.variances(kernel, described);

        Described[] others =
                IntStream.range(0, latency.length).mapToObj(described::without).toArray(Described[]::new);
        for (String device : validation) {
            others = Arrays.copyOf(others, others.length + 1);
            others[others.length - 1] = described;
            latency = Arrays.copyOf(latency, others.length);
            latency[others.length - 1] = whole.latencyMs(device);
        }
        int columns = encoding.columns().size();
        KernelWeights best = choose(kernel, variances, columns, others, latency, seed);
        TransferPrior prior = new TransferPrior(kernel, variances, best, columns);
        SortedMap<Integer, double[]> scores = new TreeMap<>();
        SortedMap<Integer, double[]> upperScores = new TreeMap<>();
        for (int n : CALIBRATED_SIZES) {
            double[] errors = errors(prior, others, latency, n, seed);
            scores.put(n, quantiles(Arrays.stream(errors).map(Math::abs)));
            upperScores.put(n, quantiles(Arrays.stream(errors)));
        }
        return new TransferAdapter(new TransferModel(
                provenance,
                encoding,
                kernel,
                anchors,
                surrogates,
                moments[0],
                moments[1],
                variances,
                best,
                scores,
                upperScores));
    }

    private KernelWeights choose(
            ChoiceKernel kernel, double[] variances, int columns, Described[] others, double[][] latency, long seed) {
        RandomGenerator random = Seeds.generator(seed, "prior", 0);
        List<KernelWeights> tried = new ArrayList<>(List.of(new KernelWeights(0.5, 1, 0.5, 0.05, 0.02, 0.02, 0.1)));
        while (tried.size() < candidates) {
            tried.add(draw(random));
        }
        double[] scores = new double[tried.size()];
        for (int c = 0; c < scores.length; c++) {
            scores[c] = score(new TransferPrior(kernel, variances, tried.get(c), columns), others, latency, seed);
            progress.report("prior", c + 1, scores.length, "rank correlation %.3f".formatted(scores[c]));
        }
        List<KernelWeights> best = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble(c -> -scores[c]))
                .limit(AVERAGED)
                .map(tried::get)
                .toList();
        return mean(best);
    }

    private static KernelWeights mean(List<KernelWeights> all) {
        return new KernelWeights(
                mean(all, KernelWeights::mean),
                mean(all, KernelWeights::sources),
                mean(all, KernelWeights::counts),
                mean(all, KernelWeights::smooth),
                mean(all, KernelWeights::coarse),
                mean(all, KernelWeights::fine),
                mean(all, KernelWeights::noise));
    }

    private static double mean(List<KernelWeights> all, ToDoubleFunction<KernelWeights> part) {
        return all.stream().mapToDouble(part).average().orElseThrow();
    }

    private static KernelWeights draw(RandomGenerator random) {
        return new KernelWeights(
                part(random, 0.01, 10),
                part(random, 0.03, 3),
                part(random, 0.01, 3),
                part(random, 0.01, 1),
                part(random, 0.003, 1),
                part(random, 0.001, 0.1),
                logUniform(random, 0.01, 0.3));
    }

    /** A fifth of the draws do without the part. */
    private static double part(RandomGenerator random, double low, double high) {
        double v = logUniform(random, low, high);
        return random.nextInt(5) == 0 ? 0 : v;
    }

    private static double logUniform(RandomGenerator random, double low, double high) {
        return low * Math.pow(high / low, random.nextDouble());
    }

    /** Mean Spearman correlation over left-out devices and numbers of measurements, on what was not measured. */
    private static double score(TransferPrior prior, Described[] others, double[][] latency, long seed) {
        double sum = 0;
        for (int d = 0; d < latency.length; d++) {
            int first = Seeds.generator(seed, "first", d).nextInt(latency[d].length);
            for (int n : JUDGED_SIZES) {
                int[] support = prior.select(others[d], n, first);
                int[] rest = rest(support, latency[d].length);
                double[] predicted = prior.posterior(others[d].part(support), pick(latency[d], support))
                        .mean(others[d].part(rest));
                sum += RankMetrics.spearman(predicted, pick(latency[d], rest));
            }
        }
        return sum / latency.length / JUDGED_SIZES.length;
    }

    /** Measured less predicted in predicted standard deviations, on devices left out that were measured n times. */
    private static double[] errors(TransferPrior prior, Described[] others, double[][] latency, int n, long seed) {
        List<Double> all = new ArrayList<>();
        for (int d = 0; d < latency.length; d++) {
            for (int draw = 0; draw < CALIBRATION_DRAWS; draw++) {
                int first = Seeds.generator(seed, "calibration", draw).nextInt(latency[d].length);
                int[] support = prior.select(others[d], n, first);
                int[] rest = rest(support, latency[d].length);
                TransferPrior.Posterior p = prior.posterior(others[d].part(support), pick(latency[d], support));
                double[] mean = p.mean(others[d].part(rest));
                double[] deviation = p.deviation(others[d].part(rest));
                for (int i = 0; i < rest.length; i++) {
                    double error = latency[d][rest[i]] - mean[i];
                    all.add(deviation[i] > 0 ? error / deviation[i] : Math.signum(error) * LARGEST_SCORE);
                }
            }
        }
        return all.stream().mapToDouble(e -> e).toArray();
    }

    /** Each the smallest score that at least its share of the scores does not exceed. */
    private static double[] quantiles(DoubleStream scores) {
        double[] sorted = scores.sorted().toArray();
        double[] quantiles = new double[TransferModel.QUANTILES];
        Arrays.setAll(quantiles, q -> {
            double score = sorted[(int) Math.ceil((sorted.length - 1.0) * q / (quantiles.length - 1))];
            return Math.max(-LARGEST_SCORE, Math.min(LARGEST_SCORE, score));
        });
        return quantiles;
    }

    /** Stands for a support so uniform that it says nothing of the device's spread. */
    private static final double LARGEST_SCORE = 1e6;

    private static double[] standardized(String device, double[] latency) {
        double mean = Arrays.stream(latency).average().orElse(0);
        double deviation = Math.sqrt(Arrays.stream(latency)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElse(0));
        if (!(deviation > 0)) {
            throw new InvalidInputException("device '%s' takes %s ms for every architecture; leave it out"
                    .formatted(dev.lathe.base.Names.shown(device), mean));
        }
        return Arrays.stream(latency).map(v -> (v - mean) / deviation).toArray();
    }

    private static double[][] moments(ChoiceEncoding encoding, int[][] anchors) {
        ChoiceEncoding.Counter counter = encoding.counter();
        double[] mean = new double[encoding.size()];
        double[] square = new double[mean.length];
        for (int[] a : anchors) {
            int[] counts = counter.counts(a);
            for (int v = 0; v < mean.length; v++) {
                mean[v] += (double) counts[v] / anchors.length;
                square[v] += (double) counts[v] * counts[v] / anchors.length;
            }
        }
        for (int v = 0; v < mean.length; v++) {
            double variance = square[v] - mean[v] * mean[v];
            square[v] = variance > 1e-12 ? Math.sqrt(variance) : 1;
        }
        return new double[][] {mean, square};
    }

    private static int[] rest(int[] support, int n) {
        boolean[] taken = new boolean[n];
        for (int s : support) {
            taken[s] = true;
        }
        return IntStream.range(0, n).filter(i -> !taken[i]).toArray();
    }

    private static double[] pick(double[] values, int[] rows) {
        return Arrays.stream(rows).mapToDouble(r -> values[r]).toArray();
    }
}
