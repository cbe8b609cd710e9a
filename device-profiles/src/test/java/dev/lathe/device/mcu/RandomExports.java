package dev.lathe.device.mcu;

import dev.lathe.base.Seeds;
import dev.lathe.graph.Graph;
import dev.lathe.graph.WeightProvider;
import dev.lathe.graph.c.CBench;
import dev.lathe.graph.c.CModel;
import dev.lathe.graph.c.CWriter;
import dev.lathe.graph.quant.Calibration;
import dev.lathe.graph.quant.FloatExecutor;
import dev.lathe.graph.quant.IntegerExecutor;
import dev.lathe.graph.quant.QuantizedGraph;
import dev.lathe.graph.quant.Quantizer;
import dev.lathe.graph.quant.RandomTrial;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Random networks of a space with random weights, calibrated on random samples, as C and with the reference's logits. */
final class RandomExports {
    private static final int CALIBRATION = 4;

    final List<CBench.Entry> entries = new ArrayList<>();
    /** By network, then by sample. */
    final List<List<int[]>> expected = new ArrayList<>();

    /** By network: of the angle between integer and float logits. */
    final List<Double> cosines = new ArrayList<>();

    /** Room for the arena, by which schedules are chosen; 0 where it is not scarce. */
    private final long arenaLimit;

    RandomExports() {
        this(0);
    }

    RandomExports(long arenaLimit) {
        this.arenaLimit = arenaLimit;
    }

    RandomExports(SearchSpace space, int networks, int samples, long seed) {
        this(space, networks, samples, seed, 0);
    }

    RandomExports(SearchSpace space, int networks, int samples, long seed, long arenaLimit) {
        this(arenaLimit);
        RandomGenerator random = Seeds.generator(seed, "exports of " + space.name(), 0);
        for (int n = 0; n < networks; n++) {
            Graph graph = n == 0 ? space.lower(space.largest()) : space.lower(space.random(random));
            add(graph, "net%d".formatted(n), samples, random);
        }
    }

    void add(Graph graph, String name, int samples, RandomGenerator random) {
        WeightProvider weights = weights(random.nextLong());
        QuantizedGraph q = Quantizer.quantize(
                graph, weights, Calibration.of(graph, weights, RandomTrial.inputs(graph, CALIBRATION, random), 100));
        CModel model = CWriter.write(q, name, Map.of(), arenaLimit);
        IntegerExecutor reference = new IntegerExecutor(q);
        List<byte[]> given = new ArrayList<>();
        List<int[]> logits = new ArrayList<>();
        FloatExecutor floats = new FloatExecutor(graph, weights);
        double dot = 0;
        double left = 0;
        double right = 0;
        for (float[] x : RandomTrial.inputs(graph, samples, random)) {
            given.add(model.sample(x));
            int[] integers = reference.run(x);
            logits.add(integers);
            float[] reals = floats.run(x);
            for (int c = 0; c < integers.length; c++) {
                double v = q.logits().real(integers[c]);
                dot += v * reals[c];
                left += v * v;
                right += (double) reals[c] * reals[c];
            }
        }
        cosines.add(dot / Math.sqrt(left * right));
        entries.add(new CBench.Entry(model, given));
        expected.add(logits);
    }

    /** The weights of a seed, as all exports have them. */
    static WeightProvider weights(long seed) {
        return RandomTrial.weights(seed, 0.2);
    }
}
