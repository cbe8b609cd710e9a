package dev.lathe.space.mcuformer;

import dev.lathe.base.InvalidInputException;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * MCUFormer's evolution of the search space: from how well supernets of several low-rank ratios and patch sizes did, which to
 * train next. A plane is fitted to what the nearest supernets scored; the next supernet lies up or down its slope.
 *
 * @see <a href="https://arxiv.org/abs/2310.16898">Liang et al., MCUFormer, NeurIPS 2023</a>
 */
public final class SpaceEvolution {
    private static final int NEIGHBOURS = 5;
    private static final double RATIO_STEP = 0.05;
    private static final int PATCH_STEP = 4;
    private static final double LEAST_RATIO = 0.4;
    private static final double GREATEST_RATIO = 0.95;
    private static final int LEAST_PATCH = 16;
    private static final int GREATEST_PATCH = 32;

    private SpaceEvolution() {}

    /**
     * A supernet of its own.
     *
     * @param ratio low-rank ratio
     * @param patch patch size in pixels
     */
    public record Supernet(double ratio, int patch) {}

    /**
     * A supernet's scores.
     *
     * @param supernet what was trained
     * @param accuracy of its subnets, 0 to 1
     * @param legality share of its subnets within the memory budget, 0 to 1
     */
    public record Scored(Supernet supernet, double accuracy, double legality) {}

    /**
     * How much a value rises.
     *
     * @param ratio with a rise of the low-rank ratio by 1
     * @param patch with a rise of the patch size by one pixel
     */
    public record Slope(double ratio, double patch) {}

    /**
     * A move from one supernet to another.
     *
     * @param ratio change of the low-rank ratio
     * @param patch change of the patch size in pixels
     */
    public record Step(double ratio, int patch) {}

    /**
     * The slope of the plane that fits a score best in the least squares.
     *
     * @throws InvalidInputException if the points lie on a line, so that many planes fit
     */
    public static Slope slope(List<Scored> points, ToDoubleFunction<Scored> score) {
        double n = points.size();
        double meanRatio = 0;
        double meanPatch = 0;
        double mean = 0;
        for (Scored s : points) {
            meanRatio += s.supernet().ratio() / n;
            meanPatch += s.supernet().patch() / n;
            mean += score.applyAsDouble(s) / n;
        }
        double rr = 0;
        double rp = 0;
        double pp = 0;
        double rs = 0;
        double ps = 0;
        for (Scored s : points) {
            double r = s.supernet().ratio() - meanRatio;
            double p = s.supernet().patch() - meanPatch;
            double v = score.applyAsDouble(s) - mean;
            rr += r * r;
            rp += r * p;
            pp += p * p;
            rs += r * v;
            ps += p * v;
        }
        double determinant = rr * pp - rp * rp;
        if (!(determinant > 1e-9 * rr * pp)) {
            throw new InvalidInputException(
                    "the %d supernets scored lie on a line of ratios and patch sizes; score one beside it, for example of another patch size"
                            .formatted(points.size()));
        }
        return new Slope((rs * pp - ps * rp) / determinant, (ps * rr - rs * rp) / determinant);
    }

    /**
     * The step of the released code. It is taken up the slopes of error and of violation, although both are to fall, and
     * rounds every falling slope to a whole step down: kept to reproduce, not to use.
     */
    public static Step releasedStep(List<Scored> points) {
        Slope error = slope(points, s -> 100 - 100 * s.accuracy());
        Slope violation = slope(points, s -> 1 - s.legality());
        return new Step(
                RATIO_STEP * (Math.floor(error.ratio() / 10) + Math.floor(violation.ratio() / 0.2)),
                PATCH_STEP * (int) (Math.floor(error.patch() / 20) + Math.floor(violation.patch() / 2)));
    }

    /** The step towards accuracy and away from violation, of a later public version of the code. */
    public static Step step(List<Scored> points) {
        Slope accuracy = slope(points, Scored::accuracy);
        Slope violation = slope(points, s -> 1 - s.legality());
        return new Step(
                RATIO_STEP * (Math.rint(accuracy.ratio() / 0.25) - Math.rint(violation.ratio() / 1.5)),
                PATCH_STEP * (int) (Math.rint(accuracy.patch() / 0.01) - Math.rint(violation.patch() / 0.3)));
    }

    /**
     * The supernet to train next, inside the space.
     *
     * @param from where to step from
     * @param scored supernets trained for as long
     * @throws InvalidInputException if the nearest of them lie on a line of ratios and patch sizes
     */
    public static Supernet next(Supernet from, List<Scored> scored) {
        List<Scored> nearest = scored.stream()
                .sorted(Comparator.comparingDouble(s -> Math.hypot(
                        s.supernet().ratio() - from.ratio(), s.supernet().patch() - from.patch())))
                .limit(NEIGHBOURS)
                .toList();
        Step step = step(nearest);
        double ratio = Math.max(LEAST_RATIO, Math.min(GREATEST_RATIO, from.ratio() + step.ratio()));
        int patch = Math.max(LEAST_PATCH, Math.min(GREATEST_PATCH, from.patch() + step.patch()));
        // Sums of steps of 0.05 drift; the offered ratios are whole percents.
        return new Supernet(Math.rint(100 * ratio) / 100, patch);
    }
}
