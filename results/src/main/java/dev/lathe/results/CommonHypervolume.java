package dev.lathe.results;

import dev.lathe.evolve.Hypervolume;
import dev.lathe.results.ReportData.Member;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Hypervolumes of several fronts in one box, so that they can be compared: from the worst value of any member of any of them, and
 * a tenth of the range beyond it, to the best. Given as shares of the box.
 *
 * @param metrics the objectives that all runs have in common; latency and top-1 where there are none
 * @param worst the reference point, one value a metric, in its own unit and direction
 * @param best the opposite corner
 * @param shares one a run; 0 for one without front
 */
record CommonHypervolume(List<Metric> metrics, List<Double> worst, List<Double> best, List<Double> shares) {
    /** More than four would take too long to compute exactly. */
    private static final int MOST_METRICS = 4;

    static CommonHypervolume of(List<RunSummary> runs) {
        Set<Metric> common = EnumSet.allOf(Metric.class);
        // Of firmware only where every network of every front has it: a box has one corner.
        common.removeIf(m -> m.isOfFirmware()
                && runs.stream().anyMatch(r -> r.front().stream().anyMatch(n -> Double.isNaN(n.value(m)))));
        int all = common.size();
        runs.stream().filter(r -> !r.objectives().isEmpty()).forEach(r -> common.retainAll(r.objectives()));
        List<Metric> metrics = common.isEmpty() || common.size() == all
                ? List.of(Metric.TOP1, Metric.LATENCY)
                : common.stream().limit(MOST_METRICS).toList();
        List<Double> worst = new ArrayList<>();
        List<Double> best = new ArrayList<>();
        for (Metric m : metrics) {
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (RunSummary r : runs) {
                for (Member member : r.front()) {
                    low = Math.min(low, minimized(m, member));
                    high = Math.max(high, minimized(m, member));
                }
            }
            double range = high > low ? high - low : Math.max(1e-9, Math.abs(high));
            worst.add(sign(m) * (high + 0.1 * range));
            best.add(sign(m) * low);
        }
        List<Double> shares =
                runs.stream().map(r -> share(r, metrics, worst, best)).toList();
        return new CommonHypervolume(metrics, worst, best, shares);
    }

    private static double share(RunSummary run, List<Metric> metrics, List<Double> worst, List<Double> best) {
        int d = metrics.size();
        double[][] points = new double[run.front().size()][d];
        double[] corner = new double[d];
        for (int j = 0; j < d; j++) {
            Metric m = metrics.get(j);
            double low = sign(m) * best.get(j);
            double extent = sign(m) * worst.get(j) - low;
            corner[j] = 1;
            for (int i = 0; i < points.length; i++) {
                points[i][j] = (minimized(m, run.front().get(i)) - low) / extent;
            }
        }
        return Hypervolume.of(points, corner);
    }

    private static double minimized(Metric m, Member member) {
        return sign(m) * member.value(m);
    }

    private static double sign(Metric m) {
        return m.isMaximized() ? -1 : 1;
    }
}
