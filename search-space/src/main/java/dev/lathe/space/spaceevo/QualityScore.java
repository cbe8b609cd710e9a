package dev.lathe.space.spaceevo;

import dev.lathe.base.Seeds;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * SpaceEvo's <b>Q-T score</b> of a search space: how small the INT8 losses of its best networks are that keep a time limit, with a
 * mild penalty where few keep it. Losses and latencies are sums over random rows of the published tables; no network is run.
 *
 * <p>Of 100,000 networks those within the limit are the feasible ones; Q is the mean of the 50 least losses among them, and the
 * score of a limit is 1 / (Q max(1, (0.08 / p)^0.01)), p the feasible share. Scores of several limits add up. Where fewer than 50
 * are feasible the published formula takes a lucky draw for quality: such a limit scores 0 here.
 *
 * @implNote All spaces are scored with the same random numbers: which row a sample takes of a table does not depend on the rest of
 *     the space. So differences of scores are less noisy than scores, and what a table gives to each sample is drawn once: a score
 *     is two sums of six columns. A table takes 0.8 MB. Not safe for use by several threads.
 * @see <a href="https://arxiv.org/abs/2303.08308">Wang et al., SpaceEvo, ICCV 2023</a>
 */
public final class QualityScore {
    private static final int SAMPLES = 100_000;
    /** Networks in a row that have one resolution. */
    private static final int CHUNK = 500;

    private static final int BEST = 50;
    private static final double SHARE = 0.08;
    private static final double EXPONENT = 0.01;
    private static final int BLOCK = 2000;

    private final StageTables tables;
    private final List<Double> limitsMs;
    private final long seed;
    private final int[] resolutions = new int[SAMPLES / CHUNK];
    private final Map<Integer, Draws> draws = new HashMap<>();

    /** What one table gives to each sample. */
    // The arrays are this class's own and never changed.
    @SuppressWarnings("ArrayRecordComponent")
    private record Draws(float[] losses, float[] latencies) {}

    /**
     * @param limitsMs at least one time limit
     * @param seed of the samples
     */
    public QualityScore(StageTables tables, List<Double> limitsMs, long seed) {
        this.tables = tables;
        this.limitsMs = List.copyOf(limitsMs);
        this.seed = seed;
        RandomGenerator random = Seeds.generator(seed, "resolutions", 0);
        for (int c = 0; c < resolutions.length; c++) {
            resolutions[c] = random.nextInt(StageTables.RESOLUTIONS.size());
        }
    }

    /** The sum over all limits; 0 where none is kept by 50 networks of 100,000. */
    public double of(SpaceGenome space) {
        if (space.hyperspace() != tables.hyperspace()) {
            throw new IllegalArgumentException("%s is not of hyperspace %s"
                    .formatted(space, tables.hyperspace().id()));
        }
        Draws[] stages = new Draws[Hyperspace.STAGES];
        for (int s = 0; s < stages.length; s++) {
            stages[s] = draws(s, space.blocks().get(s), space.windows().get(s));
        }
        float[][] best = new float[limitsMs.size()][BEST];
        for (float[] b : best) {
            Arrays.fill(b, Float.POSITIVE_INFINITY);
        }
        int[] feasible = new int[limitsMs.size()];
        float[] loss = new float[BLOCK];
        float[] latency = new float[BLOCK];
        for (int from = 0; from < SAMPLES; from += BLOCK) {
            Arrays.fill(loss, 0);
            Arrays.fill(latency, 0);
            for (Draws d : stages) {
                add(d.losses, from, loss);
                add(d.latencies, from, latency);
            }
            for (int t = 0; t < best.length; t++) {
                feasible[t] += select(loss, latency, limitsMs.get(t).floatValue(), best[t]);
            }
        }
        double score = 0;
        for (int t = 0; t < best.length; t++) {
            if (feasible[t] >= BEST) {
                double quality = 0;
                for (float b : best[t]) {
                    quality += b / BEST;
                }
                double p = feasible[t] / (double) SAMPLES + 1e-5;
                score += 1 / (quality * Math.max(1, Math.pow(SHARE / p, EXPONENT)));
            }
        }
        return score;
    }

    private static void add(float[] column, int from, float[] sum) {
        for (int i = 0; i < BLOCK; i++) {
            sum[i] += column[from + i];
        }
    }

    /** Counts those within the limit, and keeps the least losses, ascending. */
    private static int select(float[] loss, float[] latency, float limit, float[] best) {
        int count = 0;
        float bound = best[BEST - 1];
        for (int i = 0; i < BLOCK; i++) {
            if (latency[i] <= limit) {
                count++;
                if (loss[i] < bound) {
                    int at = Arrays.binarySearch(best, loss[i]);
                    at = at < 0 ? -at - 1 : at;
                    System.arraycopy(best, at, best, at + 1, BEST - 1 - at);
                    best[at] = loss[i];
                    bound = best[BEST - 1];
                }
            }
        }
        return count;
    }

    private Draws draws(int stage, int block, int window) {
        return draws.computeIfAbsent((stage * 16 + block) * 16 + window, key -> draw(stage, block, window));
    }

    private Draws draw(int stage, int block, int window) {
        RandomGenerator random = Seeds.generator(seed, "rows", stage);
        float[] losses = new float[SAMPLES];
        float[] latencies = new float[SAMPLES];
        for (int c = 0; c < resolutions.length; c++) {
            int resolution = resolutions[c];
            int rows = tables.rows(stage, block, window, resolution);
            // What is fixed stands in the first stage's column, so that a network's latency is one sum.
            float fixed = stage == 0 ? (float) tables.fixedMs(resolution) : 0;
            for (int i = c * CHUNK; i < (c + 1) * CHUNK; i++) {
                int row = (int) (random.nextDouble() * rows);
                losses[i] = tables.loss(stage, block, window, resolution, row);
                latencies[i] = tables.latencyMs(stage, block, window, resolution, row) + fixed;
            }
        }
        return new Draws(losses, latencies);
    }
}
