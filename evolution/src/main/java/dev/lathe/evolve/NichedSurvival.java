package dev.lathe.evolve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Survival of <b>NSGA-III</b>: best fronts first, and of the front that does not fit as a whole those along whose reference direction
 * fewest survive (Deb and Jain, 2014, algorithms 1 to 4).
 */
final class NichedSurvival implements Survival {
    /** Weight of the other axes where the extreme point of one is looked for. */
    private static final double OFF_AXIS = 1e-6;

    private final ReferenceDirections directions;
    /** The best value of each objective seen in any generation. */
    private final double[] ideal;

    NichedSurvival(int objectives, int parents) {
        directions = ReferenceDirections.of(objectives, parents);
        ideal = new double[objectives];
        Arrays.fill(ideal, Double.POSITIVE_INFINITY);
    }

    @Override
    public boolean prefersFirst() {
        return false;
    }

    @Override
    public int[] order(List<Fitness> population, int count, RandomGenerator random) {
        Ranking ranking = new Ranking(population);
        int split = 0;
        while (split < ranking.fronts() && ranking.start(split + 1) <= count) {
            split++;
        }
        int from = ranking.start(split);
        if (split == ranking.fronts() || from == count) {
            return ranking.order();
        }
        int to = ranking.start(split + 1);
        double[][] points = new double[to][];
        for (int i = 0; i < to; i++) {
            points[i] = population.get(ranking.order()[i]).minimized();
        }
        double[][] scaled = normalized(points, ranking.start(1));
        int[] chosen = niche(scaled, from, count - from, random);
        int[] front = Arrays.copyOfRange(ranking.order(), from, to);
        boolean[] taken = new boolean[front.length];
        int at = from;
        for (int c : chosen) {
            ranking.order()[at++] = front[c - from];
            taken[c - from] = true;
        }
        for (int i = 0; i < front.length; i++) {
            if (!taken[i]) {
                ranking.order()[at++] = front[i];
            }
        }
        return ranking.order();
    }

    /** Picks from the members after the first {@code survivors}: the emptiest direction's nearest, or one of its own if it has some. */
    private int[] niche(double[][] scaled, int survivors, int wanted, RandomGenerator random) {
        int[] counts = new int[directions.size()];
        List<List<Integer>> waiting = new ArrayList<>();
        for (int d = 0; d < directions.size(); d++) {
            waiting.add(new ArrayList<>());
        }
        for (int i = 0; i < scaled.length; i++) {
            int d = directions.nearest(scaled[i]);
            if (i < survivors) {
                counts[d]++;
            } else {
                waiting.get(d).add(i);
            }
        }
        int[] chosen = new int[wanted];
        for (int n = 0; n < wanted; n++) {
            int d = emptiest(counts, waiting, random);
            List<Integer> candidates = waiting.get(d);
            int pick = counts[d] == 0 ? nearest(scaled, candidates, d) : random.nextInt(candidates.size());
            chosen[n] = candidates.remove(pick);
            counts[d]++;
        }
        return chosen;
    }

    /** Of the directions that somebody waits at, one with the fewest survivors. */
    private static int emptiest(int[] counts, List<List<Integer>> waiting, RandomGenerator random) {
        int best = -1;
        int ties = 0;
        for (int d = 0; d < counts.length; d++) {
            if (waiting.get(d).isEmpty() || (best >= 0 && counts[d] > counts[best])) {
                continue;
            }
            ties = best >= 0 && counts[d] == counts[best] ? ties + 1 : 1;
            if (ties == 1 || random.nextInt(ties) == 0) {
                best = d;
            }
        }
        return best;
    }

    private int nearest(double[][] scaled, List<Integer> candidates, int d) {
        int best = 0;
        double least = directions.squaredDistance(scaled[candidates.get(0)], d);
        for (int i = 1; i < candidates.size(); i++) {
            double distance = directions.squaredDistance(scaled[candidates.get(i)], d);
            if (distance < least) {
                best = i;
                least = distance;
            }
        }
        return best;
    }

    /** Moved to the ideal point and divided by the intercepts of the plane through the extreme points (algorithm 2). */
    private double[][] normalized(double[][] points, int firstFront) {
        int objectives = ideal.length;
        for (double[] p : points) {
            for (int m = 0; m < objectives; m++) {
                ideal[m] = Math.min(ideal[m], p[m]);
            }
        }
        double[][] moved = new double[points.length][objectives];
        for (int i = 0; i < points.length; i++) {
            for (int m = 0; m < objectives; m++) {
                moved[i][m] = points[i][m] - ideal[m];
            }
        }
        double[] extent = intercepts(moved, firstFront);
        for (double[] p : moved) {
            for (int m = 0; m < objectives; m++) {
                p[m] /= extent[m];
            }
        }
        return moved;
    }

    private double[] intercepts(double[][] moved, int firstFront) {
        int objectives = ideal.length;
        double[] worst = new double[objectives];
        for (int i = 0; i < firstFront; i++) {
            for (int m = 0; m < objectives; m++) {
                worst[m] = Math.max(worst[m], moved[i][m]);
            }
        }
        double[][] rows = new double[objectives][];
        for (int axis = 0; axis < objectives; axis++) {
            double least = Double.POSITIVE_INFINITY;
            for (double[] p : moved) {
                double achieved = 0;
                for (int m = 0; m < objectives; m++) {
                    achieved = Math.max(achieved, m == axis ? p[m] : p[m] / OFF_AXIS);
                }
                if (achieved < least) {
                    least = achieved;
                    rows[axis] = p;
                }
            }
        }
        double[] plane = solved(rows);
        for (int m = 0; m < objectives; m++) {
            double intercept = 1 / plane[m];
            // Extreme points that coincide span no plane, and one that is nearly flat reaches beyond anything there is.
            boolean sound = intercept > 0 && Double.isFinite(intercept) && intercept <= 10 * worst[m];
            worst[m] = sound ? intercept : worst[m] > 0 ? worst[m] : 1;
        }
        return worst;
    }

    /** The x with rows * x = 1, by elimination with pivots; not finite where there is none. */
    private static double[] solved(double[][] rows) {
        int n = rows.length;
        double[][] a = new double[n][n + 1];
        for (int i = 0; i < n; i++) {
            System.arraycopy(rows[i], 0, a[i], 0, n);
            a[i][n] = 1;
        }
        for (int c = 0; c < n; c++) {
            int pivot = c;
            for (int r = c + 1; r < n; r++) {
                pivot = Math.abs(a[r][c]) > Math.abs(a[pivot][c]) ? r : pivot;
            }
            double[] swapped = a[c];
            a[c] = a[pivot];
            a[pivot] = swapped;
            for (int r = 0; r < n; r++) {
                double factor = r == c ? 0 : a[r][c] / a[c][c];
                for (int k = c; k <= n && factor != 0; k++) {
                    a[r][k] -= factor * a[c][k];
                }
            }
        }
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            x[i] = a[i][n] / a[i][i];
        }
        return x;
    }
}
