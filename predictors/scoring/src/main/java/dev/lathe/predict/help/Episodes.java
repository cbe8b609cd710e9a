package dev.lathe.predict.help;

import dev.lathe.base.Seeds;
import dev.lathe.predict.RankMetrics;
import dev.lathe.predict.adapt.LatencyTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Draws what HELP is meta-trained on: devices, and of each a support and queries, as a new device would give them. Also
 * sums their gradients, and judges a state of training on devices that take no part in it.
 */
public final class Episodes {
    private final LatencyTable table;
    private final int[] references;
    private final CellGraph graph;
    private final HelpNetwork network;
    private final MetaStep step;
    private final HardwareModulation modulation;
    private final int[][] choices;
    private final int[] others;
    private final double[] expected;

    /**
     * @param table measurements of known devices
     * @param references rows of the reference architectures
     * @param known devices whose mean says which architectures are slow
     */
    public Episodes(LatencyTable table, int[] references, List<String> known, CellGraph graph, int width) {
        this.table = table;
        this.references = references.clone();
        this.graph = graph;
        this.network = new HelpNetwork(graph.types(), references.length, width);
        this.modulation = new HardwareModulation(network, references.length);
        this.step = new MetaStep(network, modulation);
        this.choices = table.choices();
        this.others = IntStream.range(0, table.size())
                .filter(i -> Arrays.stream(references).noneMatch(r -> r == i))
                .toArray();
        this.expected = new double[others.length];
        for (String d : known) {
            double[] latency = table.latencyMs(d);
            double mean = Arrays.stream(latency).average().orElse(1);
            for (int i = 0; i < others.length; i++) {
                expected[i] += latency[others[i]] / Math.max(mean, Double.MIN_NORMAL) / known.size();
            }
        }
    }

    /** What training starts from. */
    public MetaStep.Learned start(double stepSize, RandomGenerator random) {
        double[] alpha = new double[network.size()];
        Arrays.fill(alpha, stepSize);
        return new MetaStep.Learned(network.initial(random), alpha, modulation.initial(random));
    }

    /** Mean hardware embedding of devices. */
    public double[] meanEmbedding(List<String> devices) {
        double[] mean = new double[references.length];
        for (String d : devices) {
            double[] e = embedding(table.latencyMs(d));
            for (int i = 0; i < mean.length; i++) {
                mean[i] += e[i] / devices.size();
            }
        }
        return mean;
    }

    private double[] embedding(double[] latency) {
        return LatencyScale.embedding(pick(latency, references));
    }

    /**
     * Loss of one episode, the mean over its devices, and its gradient.
     *
     * @param support architectures measured besides the references
     * @param queries architectures the adapted predictor is judged on
     * @param gradient added to
     */
    public double gradient(
            MetaStep.Learned learned,
            List<String> devices,
            int support,
            int queries,
            double divergenceWeight,
            boolean secondOrder,
            RandomGenerator random,
            MetaStep.Learned gradient) {
        MetaStep.Learned sum = gradient.zeros();
        double loss = 0;
        for (String device : devices) {
            loss += step.gradient(learned, task(device, support, queries, random), divergenceWeight, secondOrder, sum);
        }
        double share = 1.0 / devices.size();
        add(gradient.theta(), sum.theta(), share);
        add(gradient.alpha(), sum.alpha(), share);
        add(gradient.phi(), sum.phi(), share);
        return loss * share;
    }

    private static void add(double[] to, double[] from, double factor) {
        Rows.addOne(to, 0, to.length, from, factor, 0);
    }

    private MetaStep.DeviceTask task(String device, int support, int queries, RandomGenerator random) {
        double[] latency = table.latencyMs(device);
        int[] chosen = HelpAdapter.spread(expected, support, random);
        boolean[] taken = new boolean[others.length];
        for (int c : chosen) {
            taken[c] = true;
        }
        List<Integer> rest = new ArrayList<>();
        for (int i = 0; i < others.length; i++) {
            if (!taken[i]) {
                rest.add(others[i]);
            }
        }
        int[] query = new int[Math.min(queries, rest.size())];
        for (int i = 0; i < query.length; i++) {
            int j = i + random.nextInt(rest.size() - i);
            query[i] = rest.get(j);
            rest.set(j, rest.get(i));
        }
        int[] measured = Arrays.copyOf(references, references.length + support);
        for (int i = 0; i < support; i++) {
            measured[references.length + i] = others[chosen[i]];
        }
        LatencyScale scale = LatencyScale.of(pick(latency, measured));
        double[] epsilon = new double[modulation.latents()];
        Arrays.setAll(epsilon, i -> random.nextGaussian());
        return new MetaStep.DeviceTask(
                embedding(latency),
                batch(measured),
                scale.labels(pick(latency, measured)),
                batch(query),
                scale.labels(pick(latency, query)),
                epsilon);
    }

    /** Mean Spearman correlation on devices after adaptation, with one support a device, the same at every call. */
    public double judge(
            MetaStep.Learned learned, int steps, List<String> devices, int support, int queries, long seed) {
        double sum = 0;
        for (int d = 0; d < devices.size(); d++) {
            MetaStep.DeviceTask t = task(devices.get(d), support, queries, Seeds.generator(seed, "judged", d));
            double[] theta = step.adapt(learned, steps, t.embedding(), t.epsilon(), t.support(), t.supportTargets());
            double[] predicted = network.predict(theta, t.query(), t.embedding());
            sum += Arrays.stream(predicted).allMatch(Double::isFinite)
                    ? RankMetrics.spearman(predicted, t.queryTargets())
                    : -1;
        }
        return sum / devices.size();
    }

    private GraphBatch batch(int[] rows) {
        return GraphBatch.of(
                graph, Arrays.stream(rows).mapToObj(r -> choices[r]).toArray(int[][]::new), HelpNetwork.CONVOLUTIONS);
    }

    private static double[] pick(double[] values, int[] rows) {
        return Arrays.stream(rows).mapToDouble(r -> values[r]).toArray();
    }
}
