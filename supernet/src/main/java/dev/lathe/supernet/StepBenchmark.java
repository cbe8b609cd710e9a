package dev.lathe.supernet;

import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TranslationTask;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.text.TranslationData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
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
     * @param peer version of the library in another process; empty where there is none
     */
    public record Result(
            double supernetStepMs,
            double denseStepsMs,
            double ratio,
            int networks,
            int warmup,
            int rounds,
            String peer) {}

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

    /**
     * Measures one network, the space's largest, or the whole sandwich, against the same networks in PyTorch for Python on
     * as many threads.
     *
     * @param python a program that has torch
     * @param isSandwich whether the step is the sandwich's, beside its networks one by one in Python
     */
    public static Result againstPython(
            SearchSpace space,
            DataSplit data,
            TrainingConfig config,
            Path python,
            boolean isSandwich,
            int warmup,
            int rounds) {
        List<Graph> graphs = isSandwich ? sandwich(space, config) : List.of(space.lower(space.largest()));
        try (PythonTwin twin = new PythonTwin(python, graphs, config, Torch.threads())) {
            return run(
                    space,
                    graphs,
                    new Batches(data, config),
                    config,
                    new Peer(batch -> twin.stepMs(), "torch " + twin.version()),
                    warmup,
                    rounds);
        }
    }

    private static List<Graph> sandwich(SearchSpace space, TrainingConfig config) {
        List<Graph> graphs = new ArrayList<>();
        for (Architecture a : new SandwichRule(config.randomSubnets()).plan(space, config.seed(), 1)) {
            graphs.add(space.lower(a));
        }
        return graphs;
    }

    /**
     * The other side.
     *
     * @param stepMs milliseconds of a step of all its networks
     */
    private record Peer(ToDoubleFunction<TrainingBatch> stepMs, String version) {}

    private static Result run(
            SearchSpace space, TrainingBatches batches, TrainingConfig config, int warmup, int rounds) {
        List<Graph> graphs = sandwich(space, config);
        List<DenseTwin> twins = new ArrayList<>();
        try {
            for (Graph g : graphs) {
                twins.add(new DenseTwin(g));
            }
            Peer peer = new Peer(
                    batch -> {
                        long start = System.nanoTime();
                        for (DenseTwin twin : twins) {
                            twin.step(batch);
                        }
                        return (System.nanoTime() - start) / 1e6;
                    },
                    "");
            return run(space, graphs, batches, config, peer, warmup, rounds);
        } finally {
            twins.forEach(DenseTwin::close);
        }
    }

    private static Result run(
            SearchSpace space,
            List<Graph> graphs,
            TrainingBatches batches,
            TrainingConfig config,
            Peer peer,
            int warmup,
            int rounds) {
        double[] shared = new double[rounds];
        double[] dense = new double[rounds];
        double[] ratio = new double[rounds];
        try (SharedParameters parameters = SharedParameters.initialize(ParameterLayout.of(space), config.seed())) {
            SandwichStep step = new SandwichStep(
                    parameters, new GraphExecutor(parameters), config.labelSmoothing(), Distillation.KL);
            AdamW optimizer = new AdamW(parameters, config.weightDecay(), config.gradientClip(), false);
            for (int i = -warmup; i < rounds; i++) {
                TrainingBatch batch = batches.of(i + warmup);
                long start = System.nanoTime();
                step.accumulate(graphs, batch);
                optimizer.update(SandwichStep.used(graphs), 1e-3);
                double ours = (System.nanoTime() - start) / 1e6;
                double theirs = peer.stepMs().applyAsDouble(batch);
                if (i >= 0) {
                    shared[i] = ours;
                    dense[i] = theirs;
                    ratio[i] = ours / theirs;
                }
            }
        }
        return new Result(median(shared), median(dense), median(ratio), graphs.size(), warmup, rounds, peer.version());
    }

    private static double median(double[] values) {
        double[] v = values.clone();
        Arrays.sort(v);
        return (v[(v.length - 1) / 2] + v[v.length / 2]) / 2;
    }
}
