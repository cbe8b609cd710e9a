package dev.lathe.supernet;

import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TranslationTask;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.text.TranslationData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What weight sharing costs: a training step of the supernet (the sandwich's networks, gradients summed, one update)
 * against the sum of the steps of the same networks standing alone (plain blocks of the tensor library, own parameters,
 * own AdamW). Both get the same ready batches; the two sides alternate, so that other work on the machine hits both.
 */
public final class StepBenchmark {
    /**
     * The result, in milliseconds of wall time on the engine's threads.
     *
     * @param supernetStepMs median of a supernet step
     * @param denseStepsMs median of the sum of the dense steps
     * @param ratio median over the rounds of supernet step / dense steps of the same round
     * @param networks networks a step
     * @param rounds rounds measured, after {@code warmup} not counted
     */
    public record Result(
            double supernetStepMs, double denseStepsMs, double ratio, int networks, int warmup, int rounds) {}

    private StepBenchmark() {}

    /**
     * Measures.
     *
     * @param config gives batch size, seed and number of random networks
     * @param warmup rounds before the clock counts
     * @param rounds rounds that count, at least 1
     */
    public static Result run(SearchSpace space, DataSplit data, TrainingConfig config, int warmup, int rounds) {
        return run(space, new Batches(data, config), config, warmup, rounds);
    }

    /**
     * Measures on translators, on one batch of sentences of the usual length, over and over: a network standing alone is made
     * for its lengths.
     *
     * @param spaces the space by the sentences' lengths
     */
    public static Result run(
            Function<TranslationTask, SearchSpace> spaces,
            TranslationData data,
            TrainingConfig config,
            int warmup,
            int rounds) {
        List<int[]> groups = TextBatches.groups(
                data.train(), IntStream.range(0, data.train().size()).toArray(), config.batchSize());
        TextBatches.Batch usual = TextBatches.batch(
                spaces,
                data.train(),
                groups.get(groups.size() / 2),
                data.vocabulary().size());
        TrainingBatches always = new TrainingBatches() {
            @Override
            public TrainingBatch of(int step) {
                return usual;
            }

            @Override
            public String fingerprint() {
                return data.fingerprint();
            }

            @Override
            public Initialization initialization() {
                return Initialization.XAVIER_UNIFORM;
            }

            @Override
            public double squaredGradientDecay() {
                return AdamW.USUAL_BETA2;
            }
        };
        return run(usual.sized(), always, config, warmup, rounds);
    }

    private static Result run(
            SearchSpace space, TrainingBatches batches, TrainingConfig config, int warmup, int rounds) {
        ParameterLayout layout = ParameterLayout.of(space);
        List<Architecture> plan = new SandwichRule(config.randomSubnets()).plan(space, config.seed(), 1);
        List<Graph> graphs = new ArrayList<>();
        for (Architecture a : plan) {
            graphs.add(space.lower(a));
        }
        double[] shared = new double[rounds];
        double[] dense = new double[rounds];
        double[] ratio = new double[rounds];
        List<DenseTwin> twins = new ArrayList<>();
        try (SharedParameters parameters = SharedParameters.initialize(layout, config.seed())) {
            for (Graph g : graphs) {
                twins.add(new DenseTwin(g));
            }
            SandwichStep step = new SandwichStep(
                    parameters, new GraphExecutor(parameters), config.labelSmoothing(), Distillation.KL);
            AdamW optimizer = new AdamW(parameters, config.weightDecay(), config.gradientClip(), false);
            for (int i = -warmup; i < rounds; i++) {
                TrainingBatch batch = batches.of(i + warmup);
                long start = System.nanoTime();
                step.accumulate(graphs, batch);
                optimizer.update(SandwichStep.used(graphs), 1e-3);
                long middle = System.nanoTime();
                for (DenseTwin twin : twins) {
                    twin.step(batch);
                }
                long end = System.nanoTime();
                if (i >= 0) {
                    shared[i] = (middle - start) / 1e6;
                    dense[i] = (end - middle) / 1e6;
                    ratio[i] = shared[i] / dense[i];
                }
            }
        } finally {
            twins.forEach(DenseTwin::close);
        }
        return new Result(median(shared), median(dense), median(ratio), graphs.size(), warmup, rounds);
    }

    private static double median(double[] values) {
        double[] v = values.clone();
        Arrays.sort(v);
        return (v[(v.length - 1) / 2] + v[v.length / 2]) / 2;
    }
}
