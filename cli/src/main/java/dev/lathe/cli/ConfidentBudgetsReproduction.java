package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.evolve.Budget;
import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.LocalBatchEvaluator;
import dev.lathe.evolve.Nsga2Strategy;
import dev.lathe.evolve.Objective;
import dev.lathe.evolve.ReferencePoint;
import dev.lathe.evolve.SearchProblem;
import dev.lathe.evolve.SearchSettings;
import dev.lathe.predict.adapt.Described;
import dev.lathe.predict.adapt.LatencyTable;
import dev.lathe.predict.adapt.TransferAdapter;
import dev.lathe.predict.adapt.TransferPredictor;
import dev.lathe.predict.train.adapt.TransferTrainer;
import dev.lathe.space.Architecture;
import dev.lathe.space.nasbench.NasBench201Space;
import dev.lathe.space.nasbench.NasBench201Table;
import dev.lathe.space.nasbench.PublishedCells;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Searches NAS-Bench-201 for accuracy under a latency budget on devices of which ten latencies are known, and looks up in the
 * tables which of the exported networks are within the budget: with the budget asked at a confidence, with predictions as they
 * are, and with true latencies.
 *
 * <p>Accuracies are those of the table. Budgets are quantiles of the device's true latencies, known to nobody who searches.
 */
final class ConfidentBudgetsReproduction {
    private static final long SEED = 1;
    private static final int SAMPLES = 10;
    private static final double LEVEL = 0.9;
    private static final double[] QUANTILES = {0.1, 0.3, 0.5, 0.7};
    private static final int EVALUATIONS = 3000;
    private static final int POPULATION = 100;
    private static final int FRONT = 24;
    private static final int BOX = 500;
    /** In both tables, so that a mix-up of cells shows. */
    private static final String COMMON_DEVICE = "raspi4";

    private static final double MOST_SECONDS = 60;
    private static final List<String> METRICS = List.of("accuracy", "latencyMs", "limitedMs");
    private static final List<Objective> OBJECTIVES =
            List.of(Objective.maximize("accuracy"), Objective.minimize("latencyMs"));

    private final HelpProtocol protocol;
    private final int draws;
    private final int threads;
    private final ProgressListener progress;
    private final PublishedCells space = new PublishedCells(NasBench201Space.CIFAR10);
    private final List<Architecture> cells = new ArrayList<>();
    private final Map<Architecture, Integer> rowOf = new HashMap<>();
    private final double[] accuracy;

    /**
     * @param table accuracies, and the latencies of a device that the protocol's table has too
     * @param draws supports drawn a device
     */
    ConfidentBudgetsReproduction(
            HelpProtocol protocol, NasBench201Table table, int draws, int threads, ProgressListener progress) {
        this.protocol = protocol;
        this.draws = draws;
        this.threads = threads;
        this.progress = progress;
        LatencyTable latencies = protocol.table();
        double[] common = latencies.latencyMs(COMMON_DEVICE);
        this.accuracy = new double[latencies.size()];
        for (int i = 0; i < accuracy.length; i++) {
            Architecture a = Architecture.of(space.name(), latencies.choices(i));
            cells.add(a);
            rowOf.put(a, i);
            accuracy[i] = table.accuracy(a);
            if (Math.abs(table.cost(a) - common[i]) > 1e-3 * common[i]) {
                throw new InvalidInputException(
                        "the tables of help and nasbench201 name cells differently: %s takes %s ms in one and %s in the other; fetch both again"
                                .formatted(a, common[i], table.cost(a)));
            }
        }
    }

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        Path data = o.data;
        if (data == null) {
            throw new InvalidInputException(
                    "this table needs the data sets; give their folder, for example --data ../shared/data");
        }
        return new ConfidentBudgetsReproduction(
                        HelpProtocol.read(data),
                        NasBench201Table.read(data, "cifar10", "raspi4_latency"),
                        10,
                        o.execution.threadCount(),
                        o.execution.progress())
                .rows(HelpProtocol.UNSEEN, HelpReproduction.PRIORS);
    }

    List<ReproduceCommand.Row> rows(List<String> devices, int priors) {
        long start = System.nanoTime();
        TransferAdapter adapter = new TransferTrainer(priors, progress)
                .train(protocol.pool(HelpProtocol.trained()), HelpProtocol.VALIDATION, SEED);
        double learning = (System.nanoTime() - start) / 1e9;
        Described all = adapter.describe(protocol.table().choices());
        Described pool = all.part(IntStream.range(0, HelpProtocol.POOL).toArray());
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        Tally confidentOfAll = new Tally();
        Tally plainOfAll = new Tally();
        double firstFront = 0;
        int done = 0;
        for (String device : devices) {
            double[] ms = protocol.table().latencyMs(device);
            Tally confident = new Tally();
            Tally plain = new Tally();
            for (double quantile : QUANTILES) {
                double limit = Latencies.percentile(ms, 100 * quantile);
                Judge judge = new Judge(ms, limit);
                double best = judge.hypervolume(search(ms, ms, limit, SEED));
                for (int draw = 0; draw < draws; draw++) {
                    long began = System.nanoTime();
                    int first = Seeds.generator(SEED, "first", draw).nextInt(HelpProtocol.POOL);
                    int[] support = adapter.prior().select(pool, SAMPLES, first);
                    TransferPredictor p = adapter.adapt(all.part(support), HelpProtocol.pick(ms, support));
                    double[] predicted = p.predictMs(all);
                    List<Evaluation> front = search(predicted, p.upperMs(all, LEVEL), limit, SEED + draw);
                    firstFront = firstFront == 0 ? (System.nanoTime() - began) / 1e9 : firstFront;
                    confident.add(judge, front, best);
                    plain.add(judge, search(predicted, predicted, limit, SEED + draw), best);
                }
                progress.report("searches", ++done, (long) devices.size() * QUANTILES.length, device);
            }
            confidentOfAll.add(confident);
            plainOfAll.add(plain);
            rows.add(row(device, confident, plain, false));
        }
        rows.add(0, row("all devices", confidentOfAll, plainOfAll, true));
        rows.add(new ReproduceCommand.Row(
                "most accurate network of each front, within budget, all devices",
                "%.3f by plain predictions".formatted(plainOfAll.bestWithin()),
                "%.3f".formatted(confidentOfAll.bestWithin()),
                "at least %.2f".formatted(LEVEL),
                confidentOfAll.bestWithin() >= LEVEL));
        rows.add(new ReproduceCommand.Row(
                "from the known devices' tables to the front of a new one, ten measurements taken",
                "",
                "%.1f s (learning %.1f s, adapting and searching %.1f s)"
                        .formatted(learning + firstFront, learning, firstFront),
                "below %.0f s".formatted(MOST_SECONDS),
                learning + firstFront < MOST_SECONDS));
        return rows;
    }

    private static ReproduceCommand.Row row(String device, Tally confident, Tally plain, boolean isBarred) {
        return new ReproduceCommand.Row(
                "%s: networks truly within a budget asked at %.0f %% confidence".formatted(device, 100 * LEVEL),
                "%.3f by plain predictions".formatted(plain.within()),
                "%.3f of %d; hypervolume %.3f of that with true latencies, plain %.3f; searches that found nothing %d of %d"
                        .formatted(
                                confident.within(),
                                confident.networks,
                                confident.hypervolume(),
                                plain.hypervolume(),
                                confident.empty,
                                confident.searches),
                isBarred ? "at least %.2f".formatted(LEVEL) : "",
                !isBarred || confident.within() >= LEVEL);
    }

    /** The exported front, where the search is told these latencies and keeps these others below the limit. */
    private List<Evaluation> search(double[] latencyMs, double[] limitedMs, double limit, long seed) {
        SearchProblem problem = new SearchProblem(space, METRICS, OBJECTIVES, List.of(new Budget("limitedMs", limit)));
        try (LocalBatchEvaluator evaluator = new LocalBatchEvaluator(
                METRICS,
                a -> {
                    int row = rowOf.getOrDefault(a, -1);
                    return new double[] {accuracy[row], latencyMs[row], limitedMs[row]};
                },
                threads)) {
            ReferencePoint box = ReferencePoint.sampled(problem, evaluator, BOX, seed);
            return new Nsga2Strategy(POPULATION)
                    .search(problem, evaluator, new SearchSettings(EVALUATIONS, box, seed), ProgressListener.SILENT)
                    .thinnedFront(FRONT);
        }
    }

    /** Looks up what is true of networks. */
    private final class Judge {
        private final double[] ms;
        private final double limit;
        private final SearchProblem problem;
        private final ReferencePoint box;

        Judge(double[] ms, double limit) {
            this.ms = ms;
            this.limit = limit;
            this.problem = new SearchProblem(space, METRICS, OBJECTIVES, List.of(new Budget("latencyMs", limit)));
            this.box = ReferencePoint.of(problem, truly(cells));
        }

        private List<Evaluation> truly(List<Architecture> networks) {
            return networks.stream()
                    .map(a -> {
                        int row = rowOf.getOrDefault(a, -1);
                        return Evaluation.of(a, accuracy[row], ms[row], ms[row]);
                    })
                    .toList();
        }

        boolean isWithin(Evaluation e) {
            return ms[rowOf.getOrDefault(e.architecture(), -1)] <= limit;
        }

        /** Of the networks within the budget, by their true latencies. */
        double hypervolume(List<Evaluation> front) {
            return box.hypervolume(
                    truly(front.stream().map(Evaluation::architecture).toList()));
        }
    }

    /** Counts over searches. */
    private static final class Tally {
        private int searches;
        private int empty;
        private int networks;
        private int within;
        private int bestWithin;
        private double hypervolumes;

        void add(Judge judge, List<Evaluation> front, double best) {
            searches++;
            hypervolumes += judge.hypervolume(front) / best;
            if (front.isEmpty()) {
                empty++;
                return;
            }
            Evaluation mostAccurate = front.get(0);
            for (Evaluation e : front) {
                networks++;
                within += judge.isWithin(e) ? 1 : 0;
                mostAccurate = e.value(0) > mostAccurate.value(0) ? e : mostAccurate;
            }
            bestWithin += judge.isWithin(mostAccurate) ? 1 : 0;
        }

        void add(Tally other) {
            searches += other.searches;
            empty += other.empty;
            networks += other.networks;
            within += other.within;
            bestWithin += other.bestWithin;
            hypervolumes += other.hypervolumes;
        }

        double within() {
            return networks == 0 ? 0 : (double) within / networks;
        }

        double bestWithin() {
            return searches == empty ? 0 : (double) bestWithin / (searches - empty);
        }

        /** Mean over the searches. */
        double hypervolume() {
            return hypervolumes / searches;
        }
    }
}
