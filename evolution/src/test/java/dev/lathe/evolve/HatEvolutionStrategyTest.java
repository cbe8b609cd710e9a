package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.ProgressListener;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** HAT's evolution besides the laws of all strategies. */
class HatEvolutionStrategyTest {
    private static final ToySpace SPACE = new ToySpace(4, 4);
    private static final SearchProblem PROBLEM = SPACE.problem(new Budget("latencyMs", 1));
    private static final ReferencePoint BOX = ReferencePoint.sampled(PROBLEM, new RecordingEvaluator(), 100, 1);

    private static double best(SearchResult r) {
        return r.front().stream().mapToDouble(e -> e.value(0)).max().orElse(0);
    }

    /** The paper's comparison: the best of one objective under the limit, at equal numbers of evaluations. */
    @Test
    void itFindsMoreAccurateNetworksWithinTheLimitThanRandomSearch() {
        double sum = 0;
        double random = 0;
        for (int seed = 1; seed <= 5; seed++) {
            SearchSettings settings = new SearchSettings(1500, BOX, seed);
            double found = best(new HatEvolutionStrategy()
                    .search(PROBLEM, new RecordingEvaluator(), settings, ProgressListener.SILENT));
            double drawn = best(
                    new RandomStrategy().search(PROBLEM, new RecordingEvaluator(), settings, ProgressListener.SILENT));
            assertThat(found).isGreaterThanOrEqualTo(drawn);
            sum += found;
            random += drawn;
        }
        assertThat(sum).isGreaterThan(random);
    }

    /** Where every network is within the limit, a generation is 50 mutants and 50 crossovers of the 25 best so far. */
    @Test
    void generationsAreFiftyMutantsAndFiftyCrossoversOfTheTwentyFiveBest() {
        SearchProblem free = SPACE.problem();
        RecordingEvaluator recorder = new RecordingEvaluator();
        new HatEvolutionStrategy().search(free, recorder, new SearchSettings(525, BOX, 3), ProgressListener.SILENT);
        assertThat(recorder.batches.stream().map(List::size))
                .startsWith(125, 50, 50)
                .containsOnly(125, 50);
        assertThat(recorder.batches).hasSize(9);
        List<Architecture> living = new ArrayList<>(recorder.batches.get(0));
        for (int g = 1; g + 1 < recorder.batches.size(); g += 2) {
            living.sort(Comparator.comparingDouble((Architecture a) -> -ToySpace.score(a)[0])
                    .thenComparing(a -> a));
            Set<Architecture> parents = new HashSet<>(living.subList(0, 25));
            for (Architecture child : recorder.batches.get(g + 1)) {
                for (int i = 0; i < child.length(); i++) {
                    int gene = i;
                    // Decisions beyond the depth are 0 in canonical form.
                    assertThat(child.choice(gene) == 0
                                    || parents.stream().anyMatch(p -> p.choice(gene) == child.choice(gene)))
                            .isTrue();
                }
            }
            living = new ArrayList<>(parents);
            living.addAll(recorder.batches.get(g));
            living.addAll(recorder.batches.get(g + 1));
        }
    }

    @Test
    void aLimitThatOnlyAFewNetworksMeetIsMetFromTheSmallest() {
        double smallest = ToySpace.score(SPACE.smallest())[1];
        SearchProblem tight = SPACE.problem(new Budget("latencyMs", smallest * 1.3));
        SearchResult r = new HatEvolutionStrategy(20)
                .search(tight, new RecordingEvaluator(), new SearchSettings(400, BOX, 1), ProgressListener.SILENT);
        assertThat(r.front()).isNotEmpty().allMatch(tight::isFeasible);
        SearchProblem none = SPACE.problem(new Budget("latencyMs", smallest * 0.9));
        assertThatThrownBy(() -> new HatEvolutionStrategy(20)
                        .search(
                                none,
                                new RecordingEvaluator(),
                                new SearchSettings(400, BOX, 1),
                                ProgressListener.SILENT))
                .isInstanceOf(InfeasibleBudgetException.class)
                .hasMessageContaining("latencyMs");
        assertThatThrownBy(() -> new HatEvolutionStrategy(3)).isInstanceOf(IllegalArgumentException.class);
    }
}
