package dev.lathe.evolve;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Random search: as many distinct architectures, each drawn uniformly in every decision. The baseline that a search has to
 * beat; as such it does not fail where it finds nothing feasible, but answers with an empty front.
 */
public final class RandomStrategy implements SearchStrategy {
    /** Draws in a row that may bring nothing new before the space is taken to be exhausted. */
    private static final int FUTILE_DRAWS = 100_000;

    private static final int BATCH = 500;

    @Override
    public String name() {
        return "random";
    }

    @Override
    public SearchResult search(
            SearchProblem problem, BatchEvaluator evaluator, SearchSettings settings, ProgressListener progress) {
        SearchTrace trace = new SearchTrace(problem, evaluator, settings);
        RandomGenerator random = Seeds.generator(settings.seed(), name(), 0);
        int batches = 0;
        int futile = 0;
        while (trace.remaining() > 0 && futile < FUTILE_DRAWS) {
            Set<Architecture> batch = new LinkedHashSet<>();
            while (batch.size() < Math.min(BATCH, trace.remaining()) && futile < FUTILE_DRAWS) {
                Architecture a = problem.space().random(random);
                futile = !trace.isKnown(a) && batch.add(a) ? 0 : futile + 1;
            }
            List<Architecture> drawn = new ArrayList<>(batch);
            trace.evaluate(drawn);
            batches++;
            progress.report("random search", trace.count(), trace.limit(), trace.progressNote());
        }
        return trace.result(name(), batches);
    }
}
