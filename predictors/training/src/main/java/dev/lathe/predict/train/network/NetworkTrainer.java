package dev.lathe.predict.train.network;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.predict.network.DenseNetwork;
import dev.lathe.predict.network.InputColumns;
import dev.lathe.predict.network.NetworkPredictor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Accuracy predictors from few accuracies: networks that first learn to tell multiply-accumulates and parameters, which cost
 * nothing for any number of architectures, and then, with a new head, accuracy. Both hidden layers are taken over.
 *
 * <p>Departures from the paper, whose layers and settings are not all published: the mean of some small networks; the head alone
 * is trained first; then everything, pulled towards what was learnt before. The same seed gives the same bits.
 *
 * @see <a href="https://arxiv.org/abs/2006.02049">Dai et al., FBNetV3: Joint Architecture-Recipe Search using Predictor
 *     Pretraining, CVPR 2021</a>
 */
public final class NetworkTrainer {
    /** Accuracies that a network is trained on, at least. */
    public static final int LEAST_ROWS = 5;

    private static final int BATCH = 32;
    private static final double PRETRAINING_RATE = 0.003;

    private final InputColumns columns;
    private final NetworkSettings settings;
    private final long seed;
    /** Where each network starts, and whether that was learnt. */
    private final List<DenseNetwork> starts;

    private final boolean isPretrained;

    private NetworkTrainer(
            InputColumns columns,
            NetworkSettings settings,
            long seed,
            List<DenseNetwork> starts,
            boolean isPretrained) {
        this.columns = columns;
        this.settings = settings;
        this.seed = seed;
        this.starts = List.copyOf(starts);
        this.isPretrained = isPretrained;
    }

    /** Starts from random weights. */
    public static NetworkTrainer untrained(InputColumns columns, NetworkSettings settings, long seed) {
        List<DenseNetwork> starts = IntStream.range(0, settings.networks())
                .mapToObj(i -> random(columns.width(), settings.hidden(), 1, seed, i))
                .toList();
        return new NetworkTrainer(columns, settings, seed, starts, false);
    }

    /**
     * Starts from networks that tell free labels.
     *
     * @param rows features of many architectures
     * @param labels of each row, for example its multiply-accumulates and parameters; above 0, logarithms are learnt
     * @throws InvalidInputException if a label is not above 0
     */
    public static NetworkTrainer pretrained(
            InputColumns columns, double[][] rows, double[][] labels, NetworkSettings settings, long seed) {
        double[][] x = columns.encode(rows);
        double[][] y = standardizedLogs(labels);
        int outputs = y[0].length;
        List<DenseNetwork> starts = new ArrayList<>();
        for (int i = 0; i < settings.networks(); i++) {
            DenseNetwork n = random(columns.width(), settings.hidden(), outputs, seed, i);
            Descent descent = new Descent(n, 0);
            double[] anchor = new double[n.weights().length];
            RandomGenerator random = Seeds.generator(seed, "pre-training", i);
            int[] order = IntStream.range(0, x.length).toArray();
            long all = (long) settings.pretrainingPasses() * ((x.length + BATCH - 1) / BATCH);
            long done = 0;
            for (int pass = 0; pass < settings.pretrainingPasses(); pass++) {
                Seeds.shuffle(order, random);
                for (int from = 0; from < order.length; from += BATCH) {
                    descent.loss(x, y, Arrays.copyOfRange(order, from, Math.min(order.length, from + BATCH)));
                    descent.step(cosine(PRETRAINING_RATE, done++, all), anchor, 0);
                }
            }
            starts.add(n);
        }
        return new NetworkTrainer(columns, settings, seed, starts, true);
    }

    /**
     * Learns accuracies.
     *
     * @param rows features of the architectures, at least {@value #LEAST_ROWS}
     * @param accuracies one each
     * @throws InvalidInputException if there are too few, or all are alike
     */
    public NetworkPredictor train(double[][] rows, double[] accuracies) {
        int n = rows.length;
        double mean = Arrays.stream(accuracies).average().orElse(0);
        double deviation = Math.sqrt(Arrays.stream(accuracies)
                .map(a -> (a - mean) * (a - mean))
                .average()
                .orElse(0));
        if (n < LEAST_ROWS || accuracies.length != n || !(deviation > 0 && Double.isFinite(deviation))) {
            throw new InvalidInputException(
                    "accuracies of %d networks with a deviation of %s teach nothing; evaluate at least %d different ones"
                            .formatted(n, deviation, LEAST_ROWS));
        }
        double[][] x = columns.encode(rows);
        double[][] y = new double[n][];
        for (int i = 0; i < n; i++) {
            y[i] = new double[] {(accuracies[i] - mean) / deviation};
        }
        int[] all = IntStream.range(0, n).toArray();
        List<DenseNetwork> trained = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            trained.add(fineTuned(starts.get(i), x, y, all, i));
        }
        return new NetworkPredictor(columns, mean, deviation, trained);
    }

    private DenseNetwork fineTuned(DenseNetwork start, double[][] x, double[][] y, int[] all, int index) {
        DenseNetwork n = random(start.inputs(), start.hidden(), 1, seed, index);
        System.arraycopy(start.weights(), 0, n.weights(), 0, start.head());
        double[] anchor = n.weights().clone();
        // A new head starts, and is drawn back, to saying nothing.
        Arrays.fill(anchor, n.head(), anchor.length, 0);
        System.arraycopy(anchor, n.head(), n.weights(), n.head(), anchor.length - n.head());
        if (!isPretrained) {
            // Nothing was learnt that were worth going back to.
            Arrays.fill(anchor, 0);
        } else {
            Descent head = new Descent(n, n.head());
            for (int s = 0; s < settings.headSteps(); s++) {
                head.loss(x, y, all);
                head.step(
                        cosine(10 * settings.learningRate(), s, settings.headSteps()), anchor, settings.weightDecay());
            }
        }
        Descent whole = new Descent(n, 0);
        for (int s = 0; s < settings.steps(); s++) {
            whole.loss(x, y, all);
            whole.step(cosine(settings.learningRate(), s, settings.steps()), anchor, settings.weightDecay());
        }
        return n;
    }

    private static double cosine(double rate, long step, long steps) {
        return rate * (1 + StrictMath.cos(Math.PI * step / steps)) / 2;
    }

    private static DenseNetwork random(int inputs, int hidden, int outputs, long seed, int index) {
        RandomGenerator random = Seeds.generator(seed, "network start", index);
        DenseNetwork n = new DenseNetwork(
                inputs,
                hidden,
                outputs,
                new double[hidden * (inputs + 1) + hidden * (hidden + 1) + outputs * (hidden + 1)]);
        fill(n.weights(), 0, hidden, inputs, random);
        fill(n.weights(), n.second(), hidden, hidden, random);
        fill(n.weights(), n.head(), outputs, hidden, random);
        return n;
    }

    /** Weights of variance 1 / fan-in; biases of 0. */
    private static void fill(double[] weights, int at, int units, int inputs, RandomGenerator random) {
        for (int i = 0; i < units * inputs; i++) {
            weights[at + i] = random.nextGaussian() / Math.sqrt(inputs);
        }
    }

    private static double[][] standardizedLogs(double[][] labels) {
        int columns = labels[0].length;
        double[][] y = new double[labels.length][columns];
        for (int j = 0; j < columns; j++) {
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < y.length; i++) {
                if (!(labels[i][j] > 0 && Double.isFinite(labels[i][j]))) {
                    throw new InvalidInputException(
                            "label %d of network %d is %s; give counts above 0".formatted(j + 1, i + 1, labels[i][j]));
                }
                y[i][j] = StrictMath.log(labels[i][j]);
                sum += y[i][j];
                squares += y[i][j] * y[i][j];
            }
            double mean = sum / y.length;
            double deviation = Math.sqrt(Math.max(0, squares / y.length - mean * mean));
            for (double[] row : y) {
                row[j] = deviation > 1e-12 ? (row[j] - mean) / deviation : 0;
            }
        }
        return y;
    }
}
