package dev.lathe.evolve;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.space.spaceevo.Hyperspace;
import dev.lathe.space.spaceevo.SpaceGenome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * SpaceEvo's ageing evolution of search spaces: the best of a tournament has two children, one with another block type in a stage
 * and one with another window of widths; each new one is scored and the oldest member dies.
 *
 * <p>The first generation is every uniform space, one block type and one window in all stages, and random ones. The released code
 * overwrites the blocks of the random ones by a constant; here they are random.
 *
 * @see <a href="https://arxiv.org/abs/2303.08308">Wang et al., SpaceEvo, ICCV 2023</a>
 */
public final class SpaceAgeing {
    private static final int POPULATION = 500;
    private static final int TOURNAMENT = 125;
    private static final int FUTILE = 100_000;

    private SpaceAgeing() {}

    /**
     * A space and its score.
     *
     * @param space a point of the hyperspace
     * @param score larger is better
     */
    public record Scored(SpaceGenome space, double score) {}

    /**
     * @param score of a space, larger is better; asked once for each
     * @param evaluations spaces to score, at least one
     * @return all that were scored, best first
     */
    public static List<Scored> search(
            Hyperspace hyperspace,
            ToDoubleFunction<SpaceGenome> score,
            int evaluations,
            long seed,
            ProgressListener progress) {
        RandomGenerator random = Seeds.generator(seed, "space-ageing", 0);
        Map<SpaceGenome, Double> scores = new HashMap<>();
        Deque<Scored> living = new ArrayDeque<>();
        for (SpaceGenome g : first(hyperspace, random, Math.min(POPULATION, evaluations))) {
            evaluate(g, score, scores, living);
        }
        int futile = 0;
        while (scores.size() < evaluations && futile < FUTILE) {
            SpaceGenome parent = tournament(new ArrayList<>(living), random);
            for (SpaceGenome child : parent.children(random)) {
                futile++;
                if (scores.size() < evaluations && !scores.containsKey(child)) {
                    evaluate(child, score, scores, living);
                    living.remove();
                    futile = 0;
                }
            }
            progress.report("spaces", scores.size(), evaluations, "");
        }
        List<Scored> all = new ArrayList<>();
        scores.forEach((g, s) -> all.add(new Scored(g, s)));
        all.sort(Comparator.comparingDouble((Scored s) -> -s.score())
                .thenComparing(s -> s.space().toText()));
        return all;
    }

    private static void evaluate(
            SpaceGenome g, ToDoubleFunction<SpaceGenome> score, Map<SpaceGenome, Double> scores, Deque<Scored> living) {
        double s = score.applyAsDouble(g);
        scores.put(g, s);
        living.add(new Scored(g, s));
    }

    private static List<SpaceGenome> first(Hyperspace hyperspace, RandomGenerator random, int count) {
        Map<SpaceGenome, Boolean> all = new LinkedHashMap<>();
        int widest = 0;
        for (int s = 1; s <= Hyperspace.STAGES; s++) {
            widest = Math.max(widest, hyperspace.stage(s).windows());
        }
        for (int block = 0; block < hyperspace.blockTypes().size(); block++) {
            for (int window = 0; window < widest; window++) {
                List<Integer> blocks = new ArrayList<>();
                List<Integer> windows = new ArrayList<>();
                for (int s = 1; s <= Hyperspace.STAGES; s++) {
                    blocks.add(block);
                    windows.add(Math.min(window, hyperspace.stage(s).windows() - 1));
                }
                all.put(new SpaceGenome(hyperspace, blocks, windows), true);
            }
        }
        while (all.size() < count) {
            all.put(SpaceGenome.random(hyperspace, random), true);
        }
        return new ArrayList<>(all.keySet()).subList(0, count);
    }

    private static SpaceGenome tournament(List<Scored> living, RandomGenerator random) {
        Scored best = living.get(0);
        double most = Double.NEGATIVE_INFINITY;
        // The first of a partial shuffle: drawn without replacement.
        for (int i = 0; i < Math.min(TOURNAMENT, living.size()); i++) {
            int j = i + random.nextInt(living.size() - i);
            Scored drawn = living.get(j);
            living.set(j, living.get(i));
            living.set(i, drawn);
            if (drawn.score() > most) {
                most = drawn.score();
                best = drawn;
            }
        }
        return best.space();
    }
}
