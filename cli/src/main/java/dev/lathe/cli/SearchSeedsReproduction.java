package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.evolve.BatchEvaluator;
import dev.lathe.evolve.EmpiricalAttainment;
import dev.lathe.evolve.Hypervolume;
import dev.lathe.evolve.Nsga2Strategy;
import dev.lathe.evolve.Objective;
import dev.lathe.evolve.RandomStrategy;
import dev.lathe.evolve.ReferencePoint;
import dev.lathe.evolve.SearchProblem;
import dev.lathe.evolve.SearchResult;
import dev.lathe.evolve.SearchSettings;
import dev.lathe.results.RunDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * NSGA-II against random search on a run's predictors, seed by seed: hypervolume at the end and on the way, and what of the first two
 * objectives one, half and all of the seeds attain.
 */
final class SearchSeedsReproduction {
    private static final int SEEDS = 5;
    private static final List<Integer> ANYTIME_PERCENT = List.of(1, 5, 20, 100);
    private static final int SHOWN_POINTS = 4;

    private final SearchProblem problem;
    private final ReferencePoint reference;
    private final List<SearchResult> found = new ArrayList<>();
    private final List<SearchResult> drawn = new ArrayList<>();
    private final List<ReproduceCommand.Row> rows = new ArrayList<>();

    private SearchSeedsReproduction(SearchProblem problem, ReferencePoint reference) {
        this.problem = problem;
        this.reference = reference;
    }

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        Path folder = o.run;
        if (folder == null) {
            throw new InvalidInputException("search-seeds needs the predictors of a finished run; give --run DIR");
        }
        try (RunDirectory dir = RunDirectory.open(folder)) {
            Experiment e = Experiment.fromSettings(dir.manifest().experiment(), folder);
            Workbench w =
                    Workbench.of(e, dir, Workbench.load(e, o.execution.strict), o.execution, o.execution.progress());
            SearchStep.Prepared p = SearchStep.prepare(w);
            try (BatchEvaluator evaluator = SearchStep.evaluator(o.execution, p.bundle())) {
                SearchSeedsReproduction r = new SearchSeedsReproduction(
                        p.problem(), SearchStep.reference(p.problem(), evaluator, e.seed()));
                r.search(e, evaluator, w);
                r.anytime();
                if (p.problem().objectives().size() > 1) {
                    r.attainment();
                }
                return r.rows;
            }
        }
    }

    private void search(Experiment e, BatchEvaluator evaluator, Workbench w) {
        for (int seed = 1; seed <= SEEDS; seed++) {
            SearchSettings settings = new SearchSettings(e.evaluations(), reference, seed);
            SearchResult ours = new Nsga2Strategy(e.population()).search(problem, evaluator, settings, w.progress());
            SearchResult random = new RandomStrategy().search(problem, evaluator, settings, w.progress());
            rows.add(new ReproduceCommand.Row(
                    "hypervolume after %,d evaluations, seed %d".formatted(ours.evaluations(), seed),
                    "%.5f (random)".formatted(random.hypervolume()),
                    "%.5f".formatted(ours.hypervolume()),
                    "above random",
                    ours.hypervolume() > random.hypervolume()));
            found.add(ours);
            drawn.add(random);
        }
    }

    private void anytime() {
        for (int percent : ANYTIME_PERCENT) {
            rows.add(new ReproduceCommand.Row(
                    "hypervolume after %d %% of the evaluations, median of the seeds [least to most]"
                            .formatted(percent),
                    anytime(drawn, percent) + " (random)",
                    anytime(found, percent),
                    "stated",
                    true));
        }
    }

    /** Where the curves of several seeds are after a share of their evaluations. */
    private static String anytime(List<SearchResult> seeds, int percent) {
        double[] v = seeds.stream()
                .mapToDouble(r -> r.curve()
                        .get(Math.max(0, r.curve().size() * percent / 100 - 1))
                        .hypervolume())
                .sorted()
                .toArray();
        return "%.4f [%.4f to %.4f]".formatted(v[v.length / 2], v[0], v[v.length - 1]);
    }

    private void attainment() {
        EmpiricalAttainment ours = attained(found);
        EmpiricalAttainment random = attained(drawn);
        String objectives = "%s and %s".formatted(metric(0), metric(1));
        int half = (SEEDS + 1) / 2;
        for (int seeds : new int[] {1, half, SEEDS}) {
            rows.add(new ReproduceCommand.Row(
                    "attained in %s by at least %d of %d seeds: share of the box".formatted(objectives, seeds, SEEDS),
                    "%.4f (random)".formatted(share(random.surface(seeds))),
                    "%.4f".formatted(share(ours.surface(seeds))),
                    "stated",
                    true));
        }
        rows.add(new ReproduceCommand.Row(
                "median attainment surface, %s at %s".formatted(metric(0), metric(1)),
                shown(random.median()) + " (random)",
                shown(ours.median()),
                "stated",
                true));
        double[][] theirs = random.median();
        long reached = Arrays.stream(theirs)
                .filter(p -> ours.at(p[0], p[1]) * SEEDS >= half)
                .count();
        rows.add(new ReproduceCommand.Row(
                "points of random search's median attainment surface that half of the seeds attain",
                Integer.toString(theirs.length),
                Long.toString(reached),
                "all",
                reached == theirs.length));
    }

    private EmpiricalAttainment attained(List<SearchResult> seeds) {
        int first = problem.metrics().indexOf(metric(0));
        int second = problem.metrics().indexOf(metric(1));
        return EmpiricalAttainment.of(seeds.stream()
                .map(r -> r.front().stream()
                        .map(e -> new double[] {minimized(0, e.value(first)), minimized(1, e.value(second))})
                        .toArray(double[][]::new))
                .toList());
    }

    /** To be minimized, and back again. */
    private double minimized(int objective, double value) {
        return problem.objectives().get(objective).direction() == Objective.Direction.MAXIMIZE ? -value : value;
    }

    private String metric(int objective) {
        return problem.objectives().get(objective).metric();
    }

    private double share(double[][] surface) {
        double[] worst = corner(reference.worst());
        double[] best = corner(reference.best());
        return Hypervolume.of(surface, worst) / ((worst[0] - best[0]) * (worst[1] - best[1]));
    }

    private double[] corner(List<Double> values) {
        return IntStream.range(0, 2)
                .mapToDouble(i -> minimized(i, values.get(i)))
                .toArray();
    }

    /** A few points of a surface, in the metrics' own directions, from one end to the other. */
    private String shown(double[][] surface) {
        int count = Math.min(SHOWN_POINTS, surface.length);
        return IntStream.range(0, count)
                .mapToObj(i -> surface[count == 1 ? 0 : (surface.length - 1) * i / (count - 1)])
                .map(p -> "%.4g at %.4g".formatted(minimized(0, p[0]), minimized(1, p[1])))
                .collect(Collectors.joining(", "));
    }
}
