package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * How good a search is at any time: the hypervolume of what was evaluated, after each single evaluation. Stands between a strategy
 * and its evaluator, so that it sees every evaluation whatever the strategy says of itself; that none is made twice is checked.
 * Not safe for use by several threads.
 */
public final class AnytimeCurve implements BatchEvaluator {
    private final BatchEvaluator inner;
    private final ReferencePoint reference;
    private final ParetoArchive archive;
    private final double target;
    private final List<Double> hypervolumes = new ArrayList<>();
    private final Set<Architecture> seen = new HashSet<>();

    /** Ends a search that has reached its target; the curve is what remains of it. */
    public static final class TargetReached extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private TargetReached() {
            super("the target hypervolume is reached", null, false, false);
        }
    }

    /** @param target hypervolume, as a share of the box, at which {@link #evaluate} ends the search; infinite for never */
    public AnytimeCurve(BatchEvaluator inner, SearchProblem problem, ReferencePoint reference, double target) {
        this.inner = inner;
        this.reference = reference;
        this.archive = new ParetoArchive(problem);
        this.target = target;
    }

    @Override
    public List<String> metrics() {
        return inner.metrics();
    }

    /**
     * Passes the batch on; its members count in their order.
     *
     * @throws TargetReached if the target is reached with one of them; those after it are not counted
     * @throws IllegalArgumentException if one was evaluated before
     */
    @Override
    public List<Evaluation> evaluate(List<Architecture> batch) {
        List<Evaluation> all = inner.evaluate(batch);
        for (Evaluation e : all) {
            if (!seen.add(e.architecture())) {
                throw new IllegalArgumentException(e.architecture() + " is evaluated a second time");
            }
            double last = hypervolumes.isEmpty() ? 0 : hypervolumes.get(hypervolumes.size() - 1);
            hypervolumes.add(archive.offer(e) ? archive.hypervolume(reference) : last);
            if (hypervolumes.get(hypervolumes.size() - 1) >= target) {
                throw new TargetReached();
            }
        }
        return all;
    }

    /** Number of evaluations so far. */
    public int evaluations() {
        return hypervolumes.size();
    }

    /** The hypervolume after so many evaluations, at least 1, as a share of the box. */
    public double hypervolume(int evaluations) {
        return hypervolumes.get(evaluations - 1);
    }

    /** The least number of evaluations after which the hypervolume is at least so large; empty where it never was. */
    public OptionalInt evaluationsTo(double hypervolume) {
        for (int i = 0; i < hypervolumes.size(); i++) {
            if (hypervolumes.get(i) >= hypervolume) {
                return OptionalInt.of(i + 1);
            }
        }
        return OptionalInt.empty();
    }

    /** The curve, evaluation by evaluation. */
    public double[] toArray() {
        return hypervolumes.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
