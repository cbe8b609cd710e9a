package dev.lathe.predict.train.adapt;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.predict.adapt.LatencyTable;
import dev.lathe.predict.adapt.Provenance;
import dev.lathe.predict.help.CellGraph;
import dev.lathe.predict.help.Episodes;
import dev.lathe.predict.help.HelpAdapter;
import dev.lathe.predict.help.HelpModel;
import dev.lathe.predict.help.MetaStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Meta-trains HELP: start, step sizes and modulation together, by Adam on episodes of several devices. The state that does
 * best on validation devices is kept.
 *
 * <p>Departures from the released code: labels are scaled by what is measured on the device and by nothing else; the
 * references are part of the support; every device's divergence counts once, at the stated weight.
 *
 * @see <a href="https://arxiv.org/abs/2106.08630">Lee et al., HELP, NeurIPS 2021</a>
 */
public final class HelpTrainer {
    private static final double DIVERGENCE_WEIGHT = 0.1;
    private static final double FIRST_STEP_SIZE = 1e-2;
    private static final int JUDGEMENTS = 20;
    private static final int JUDGED_QUERIES = 300;
    /** Numbers of gradient steps tried on validation devices; the first is that of the training. */
    private static final int[] STEPS = {2, 4, 8, 16, 32, 64};

    private final ProgressListener progress;

    public HelpTrainer(ProgressListener progress) {
        this.progress = progress;
    }

    /**
     * @param table measurements of known and validation devices, the references among its rows
     * @param references rows of the reference architectures, at least 2
     * @param validation devices of the table that only choose the best state; if there are none the last state is kept
     * @param graph how choices become a graph
     * @throws InvalidInputException if there are too few devices or architectures
     */
    public HelpAdapter train(
            LatencyTable table,
            int[] references,
            List<String> validation,
            CellGraph graph,
            HelpSettings settings,
            long seed) {
        List<String> known = new ArrayList<>(table.devices());
        known.removeAll(validation);
        if (known.isEmpty() || references.length < 2 || table.size() < references.length + settings.support() + 2) {
            throw new InvalidInputException(
                    "HELP learns from known devices, 2 references and %d architectures besides, not from %d, %d and %d"
                            .formatted(
                                    settings.support() + 2,
                                    known.size(),
                                    references.length,
                                    table.size() - references.length));
        }
        Episodes episodes = new Episodes(table, references, known, graph, settings.width());
        MetaStep.Learned learned = episodes.start(FIRST_STEP_SIZE, Seeds.generator(seed, "help-start", 0));
        Adam theta = new Adam(learned.theta());
        Adam alpha = new Adam(learned.alpha());
        Adam phi = new Adam(learned.phi());
        MetaStep.Learned best = copy(learned);
        double bestScore = Double.NEGATIVE_INFINITY;
        int every = Math.max(1, settings.episodes() / JUDGEMENTS);
        for (int e = 1; e <= settings.episodes(); e++) {
            RandomGenerator random = Seeds.generator(seed, "help-episode", e);
            MetaStep.Learned gradient = learned.zeros();
            double loss = episodes.gradient(
                    learned,
                    drawn(known, settings.devicesPerEpisode(), random),
                    settings.support(),
                    settings.queries(),
                    DIVERGENCE_WEIGHT,
                    settings.secondOrder(),
                    random,
                    gradient);
            double rate = settings.learningRate() * (1 + Math.cos(Math.PI * (e - 1) / settings.episodes())) / 2;
            theta.step(learned.theta(), gradient.theta(), rate);
            alpha.step(learned.alpha(), gradient.alpha(), rate);
            phi.step(learned.phi(), gradient.phi(), rate);
            if (e % every == 0 || e == settings.episodes()) {
                double score = validation.isEmpty()
                        ? e
                        : episodes.judge(learned, STEPS[0], validation, settings.support(), JUDGED_QUERIES, seed);
                if (score > bestScore) {
                    bestScore = score;
                    best = copy(learned);
                }
                progress.report(
                        settings.secondOrder() ? "HELP" : "HELP, first order",
                        e,
                        settings.episodes(),
                        "loss %.4f, validation %.3f".formatted(loss, score));
            }
        }
        int steps = STEPS[0];
        double stepScore = Double.NEGATIVE_INFINITY;
        for (int s : STEPS) {
            double score = validation.isEmpty()
                    ? -s
                    : episodes.judge(best, s, validation, settings.support(), JUDGED_QUERIES, seed);
            if (score > stepScore) {
                stepScore = score;
                steps = s;
            }
        }
        return new HelpAdapter(new HelpModel(
                provenance(table, validation, settings, seed),
                graph,
                Arrays.stream(references).mapToObj(table::choices).toArray(int[][]::new),
                settings.width(),
                settings.draws(),
                steps,
                episodes.meanEmbedding(known),
                best.theta(),
                best.alpha(),
                best.phi()));
    }

    private static MetaStep.Learned copy(MetaStep.Learned l) {
        return new MetaStep.Learned(
                l.theta().clone(), l.alpha().clone(), l.phi().clone());
    }

    private static List<String> drawn(List<String> devices, int n, RandomGenerator random) {
        List<String> d = new ArrayList<>(devices);
        while (d.size() > n) {
            d.remove(random.nextInt(d.size()));
        }
        return d;
    }

    private static Provenance provenance(
            LatencyTable table, List<String> validation, HelpSettings settings, long seed) {
        Map<String, String> parameters = new TreeMap<>();
        parameters.put("settings", settings.toString());
        parameters.put("validation", String.join(" ", validation));
        return new Provenance(
                "help",
                table.sha256(),
                table.devices(),
                table.size(),
                new TreeMap<>(parameters),
                seed,
                new TreeMap<>(Map.of("java", System.getProperty("java.version", "unknown"))));
    }

    /** Adam with its usual constants. */
    private static final class Adam {
        private static final double FIRST = 0.9;
        private static final double SECOND = 0.999;
        private static final double EPSILON = 1e-8;

        private final double[] mean;
        private final double[] square;
        private int steps;

        Adam(double[] parameters) {
            this.mean = new double[parameters.length];
            this.square = new double[parameters.length];
        }

        void step(double[] parameters, double[] gradient, double rate) {
            steps++;
            double meanBias = 1 - Math.pow(FIRST, steps);
            double squareBias = 1 - Math.pow(SECOND, steps);
            for (int i = 0; i < parameters.length; i++) {
                mean[i] = FIRST * mean[i] + (1 - FIRST) * gradient[i];
                square[i] = SECOND * square[i] + (1 - SECOND) * gradient[i] * gradient[i];
                parameters[i] -= rate * (mean[i] / meanBias) / (Math.sqrt(square[i] / squareBias) + EPSILON);
            }
        }
    }
}
