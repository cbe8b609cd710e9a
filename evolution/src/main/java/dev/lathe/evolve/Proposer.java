package dev.lathe.evolve;

import dev.lathe.evolve.surrogate.Encoding;
import dev.lathe.evolve.surrogate.ExpectedGain;
import dev.lathe.evolve.surrogate.Surrogate;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.hipparchus.special.Erf;

/**
 * Knows what was evaluated, and proposes what to evaluate next: those architectures by which the front's hypervolume is expected
 * to grow most, times the probability that they meet the budgets. They are looked for by an evolution on the surrogate, which
 * starts from random draws and from neighbours of the front, so that no space is too large.
 */
final class Proposer {
    private static final int DRAWS = 500;
    private static final int FRONT_CHILDREN = 400;
    private static final int GENERATIONS = 5;
    private static final int PARENTS = 40;
    private static final int CHILDREN = 280;
    private static final int SHORTLIST = 150;
    /** Members of the front that expected gains are computed against, where these take time that grows with their powers. */
    private static final int MOST_OF_THREE = 60;

    private static final int MOST_OF_FOUR = 16;
    /** Encodings kept, 1 to 2 kilobytes each: a small space's are all made once. */
    private static final int MOST_ENCODED = 20_000;

    private final SearchProblem problem;
    private final Encoding encoding;
    private final RandomGenerator random;
    private final Moves moves;
    /** The metrics that objectives and budgets are on, objectives first. */
    private final List<String> metrics;

    private final double[] signs;
    /** Of each objective, minimized: networks beyond it are of no use. */
    private final double[] worst;

    private final List<ToDoubleFunction<Architecture>> exact = new ArrayList<>();
    private final List<Integer> modelled = new ArrayList<>();
    private final Surrogate surrogate;
    private final List<Evaluation> evaluations = new ArrayList<>();
    private final Map<Architecture, Encoding.Point> encoded = new HashMap<>();

    /**
     * @param known metrics that need no evaluation
     * @param reference of which the worst corner bounds what is looked for; its best corner is not used
     */
    Proposer(
            SearchProblem problem,
            Encoding encoding,
            Map<String, ToDoubleFunction<Architecture>> known,
            ReferencePoint reference,
            RandomGenerator random) {
        this.problem = problem;
        this.worst = new double[problem.objectives().size()];
        for (int i = 0; i < worst.length; i++) {
            worst[i] = problem.objectives().get(i).toMinimize(reference.worst().get(i));
        }
        this.encoding = encoding;
        this.random = random;
        this.moves = new Moves(problem.space(), random);
        List<String> names = new ArrayList<>();
        problem.objectives().forEach(o -> names.add(o.metric()));
        problem.budgets().forEach(b -> names.add(b.metric()));
        this.metrics = names.stream().distinct().toList();
        this.signs = new double[metrics.size()];
        Arrays.fill(signs, 1);
        for (Objective o : problem.objectives()) {
            signs[metrics.indexOf(o.metric())] = o.toMinimize(1);
        }
        for (int m = 0; m < metrics.size(); m++) {
            ToDoubleFunction<Architecture> f = known.get(metrics.get(m));
            if (f == null) {
                modelled.add(m);
            }
            exact.add(f == null ? a -> Double.NaN : f);
        }
        this.surrogate = new Surrogate(modelled.size());
    }

    void learn(Evaluation e) {
        evaluations.add(e);
        surrogate.add(
                encoded(e.architecture()),
                modelled.stream().mapToDouble(m -> value(e, m)).toArray());
    }

    /** The models' parameters, which later ones are fitted from. */
    List<Double> state() {
        return surrogate.state();
    }

    void restore(List<Double> state) {
        surrogate.restore(state);
    }

    private Encoding.Point encoded(Architecture a) {
        if (encoded.size() >= MOST_ENCODED) {
            encoded.clear();
        }
        return encoded.computeIfAbsent(a, encoding::encode);
    }

    private double value(Evaluation e, int metric) {
        return signs[metric] * e.value(problem.metrics().indexOf(metrics.get(metric)));
    }

    /** What is expected of one architecture; objectives are scaled to the range seen. */
    private final class Candidate {
        final Architecture architecture;
        final Surrogate.Prediction prediction;
        final double[] means;
        double[] deviations;
        double score;

        Candidate(Architecture architecture) {
            this.architecture = architecture;
            this.prediction = surrogate.predict(encoded(architecture));
            double[] exactValues = new double[metrics.size()];
            for (int m = 0; m < exactValues.length; m++) {
                exactValues[m] =
                        modelled.contains(m) ? 0 : signs[m] * exact.get(m).applyAsDouble(architecture);
            }
            this.means = spread(prediction.means(), exactValues);
            this.deviations = spread(prediction.deviations(), new double[metrics.size()]);
        }

        void know(Candidate other) {
            prediction.know(other.prediction);
            deviations = spread(prediction.deviations(), new double[metrics.size()]);
        }
    }

    private double[] spread(double[] ofModelled, double[] others) {
        double[] all = others.clone();
        for (int i = 0; i < modelled.size(); i++) {
            all[modelled.get(i)] = ofModelled[i];
        }
        return all;
    }

    /** Expected growth of the front of what was evaluated, in a box over the range seen. */
    private final class Acquisition {
        private final int objectives = problem.objectives().size();
        private final double[] low = new double[objectives];
        private final double[] extent = new double[objectives];
        private final boolean isAnyFeasible;
        private final ExpectedGain gain;

        Acquisition() {
            for (int i = 0; i < objectives; i++) {
                int m = metrics.indexOf(problem.objectives().get(i).metric());
                double min = Double.POSITIVE_INFINITY;
                double max = Double.NEGATIVE_INFINITY;
                for (Evaluation e : evaluations) {
                    min = Math.min(min, value(e, m));
                    max = Math.max(max, value(e, m));
                }
                low[i] = min;
                extent[i] = max > min ? max - min : 1;
            }
            ParetoFront front = ParetoFront.of(problem, evaluations);
            int most = objectives <= 2 ? Integer.MAX_VALUE : objectives == 3 ? MOST_OF_THREE : MOST_OF_FOUR;
            double[][] feasible = front.thin(most).members().stream()
                    .map(e -> scaled(problem.minimized(e)))
                    .toArray(double[][]::new);
            double[] reference = new double[objectives];
            for (int i = 0; i < objectives; i++) {
                reference[i] = Math.min(1, (worst[i] - low[i]) / extent[i]);
            }
            isAnyFeasible = feasible.length > 0;
            gain = new ExpectedGain(feasible, reference);
        }

        double of(Candidate c) {
            double p = 1;
            for (Budget b : problem.budgets()) {
                int m = metrics.indexOf(b.metric());
                double mean = signs[m] * c.means[m];
                double sd = c.deviations[m];
                p *= sd > 0 ? Erf.erfc((mean - b.limit()) / sd / Math.sqrt(2)) / 2 : mean <= b.limit() ? 1 : 0;
            }
            // Until something is feasible, that is all that counts.
            return isAnyFeasible ? p * gain.of(objectives(c), deviations(c)) : p;
        }

        void take(Candidate c) {
            gain.add(objectives(c));
        }

        private double[] objectives(Candidate c) {
            double[] v = new double[objectives];
            for (int i = 0; i < objectives; i++) {
                v[i] = c.means[metrics.indexOf(problem.objectives().get(i).metric())];
            }
            return scaled(v);
        }

        private double[] deviations(Candidate c) {
            double[] v = new double[objectives];
            for (int i = 0; i < objectives; i++) {
                v[i] = c.deviations[metrics.indexOf(problem.objectives().get(i).metric())] / extent[i];
            }
            return v;
        }

        private double[] scaled(double[] v) {
            double[] s = new double[objectives];
            for (int i = 0; i < objectives; i++) {
                s[i] = (v[i] - low[i]) / extent[i];
            }
            return s;
        }
    }

    /**
     * Fits the models and proposes architectures that were not evaluated, each as if those before it had come out as expected.
     *
     * @return at most {@code count}; none where the evolution met only known ones
     */
    List<Architecture> propose(int count) {
        surrogate.fit();
        Acquisition acquisition = new Acquisition();
        List<Candidate> list = evolve(acquisition);
        List<Architecture> chosen = new ArrayList<>();
        while (chosen.size() < count && !list.isEmpty()) {
            Candidate best = list.get(0);
            for (Candidate c : list) {
                if (c.score > best.score) {
                    best = c;
                }
            }
            chosen.add(best.architecture);
            list.remove(best);
            acquisition.take(best);
            for (Candidate c : list) {
                c.know(best);
                c.score = acquisition.of(c);
            }
        }
        return chosen;
    }

    /** The best candidates met, best first. */
    private List<Candidate> evolve(Acquisition acquisition) {
        Map<Architecture, Candidate> met = new LinkedHashMap<>();
        Map<Architecture, Boolean> known = new HashMap<>();
        evaluations.forEach(e -> known.put(e.architecture(), true));
        List<Evaluation> front = ParetoFront.of(problem, evaluations).members();
        List<Evaluation> roots = front.isEmpty() ? evaluations : front;
        for (int i = 0; i < DRAWS; i++) {
            meet(moves.draw(), acquisition, met, known);
        }
        for (int i = 0; i < FRONT_CHILDREN; i++) {
            Architecture root = roots.get(random.nextInt(roots.size())).architecture();
            meet(moves.mutate(root, 1 + i % 2), acquisition, met, known);
        }
        for (int g = 0; g < GENERATIONS && !met.isEmpty(); g++) {
            List<Candidate> parents = best(met, PARENTS);
            for (int i = 0; i < CHILDREN; i++) {
                Architecture a = parents.get(i % parents.size()).architecture;
                int[] choices;
                if (i % 3 == 0) {
                    choices = moves.crossed(a, parents.get(random.nextInt(parents.size())).architecture);
                } else {
                    choices = a.choices();
                    moves.mutate(choices);
                }
                if (random.nextInt(3) == 0) {
                    moves.mutate(choices);
                }
                meet(moves.canonical(choices), acquisition, met, known);
            }
        }
        return best(met, SHORTLIST);
    }

    private void meet(
            Architecture a,
            Acquisition acquisition,
            Map<Architecture, Candidate> met,
            Map<Architecture, Boolean> known) {
        if (!known.containsKey(a) && !met.containsKey(a)) {
            Candidate c = new Candidate(a);
            c.score = acquisition.of(c);
            met.put(a, c);
        }
    }

    private static List<Candidate> best(Map<Architecture, Candidate> met, int count) {
        List<Candidate> all = new ArrayList<>(met.values());
        all.sort(Comparator.comparingDouble((Candidate c) -> -c.score));
        return new ArrayList<>(all.subList(0, Math.min(count, all.size())));
    }
}
