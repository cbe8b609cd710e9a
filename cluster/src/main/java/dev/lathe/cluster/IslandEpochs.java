package dev.lathe.cluster;

import dev.lathe.evolve.IslandTask;
import dev.lathe.evolve.Objective;
import dev.lathe.evolve.SearchProblem;
import dev.lathe.predict.ArchitectureScorer;
import dev.lathe.predict.ScorerBundle;
import java.util.ArrayList;
import java.util.List;

/** First epochs of islands, for measuring what one costs on a cluster. */
final class IslandEpochs {
    private static final int PARENTS = 10;

    private IslandEpochs() {}

    static SearchProblem problem(ScorerBundle bundle) {
        ArchitectureScorer scorer = new ArchitectureScorer(bundle);
        return new SearchProblem(
                scorer.space(),
                scorer.metrics(),
                List.of(Objective.maximize("parameters"), Objective.minimize("macs")),
                List.of());
    }

    static List<IslandTask> two(int evaluations) {
        List<IslandTask> tasks = new ArrayList<>();
        for (int island = 0; island < 2; island++) {
            tasks.add(new IslandTask(
                    island,
                    2,
                    0,
                    1,
                    PARENTS,
                    evaluations,
                    new int[0][],
                    new double[0][],
                    new int[0][],
                    new long[0],
                    new double[0][]));
        }
        return tasks;
    }
}
