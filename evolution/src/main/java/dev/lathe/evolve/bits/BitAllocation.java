package dev.lathe.evolve.bits;

import dev.lathe.base.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.hipparchus.exception.MathIllegalStateException;
import org.hipparchus.optim.LocalizedOptimFormats;
import org.hipparchus.optim.linear.LinearConstraint;
import org.hipparchus.optim.linear.LinearConstraintSet;
import org.hipparchus.optim.linear.LinearObjectiveFunction;
import org.hipparchus.optim.linear.NonNegativeConstraint;
import org.hipparchus.optim.linear.PivotSelectionRule;
import org.hipparchus.optim.linear.Relationship;
import org.hipparchus.optim.linear.SimplexSolver;
import org.hipparchus.optim.nonlinear.scalar.GoalType;
import org.jspecify.annotations.Nullable;

/**
 * One bit width for each layer, so that the sum of sensitivities (and weighted costs) is least and the sum of each cost is within its
 * limit: the integer linear program of <b>OHQ</b>. Hipparchus' simplex solves the relaxation; branch and bound fixes the layers that
 * it leaves between two widths, of which there are at most as many as there are limits, so that few nodes are needed.
 *
 * <p>The paper's weights of sensitivity and cost could not be checked; here a cost weighs nothing unless its weight is given.
 *
 * @param bits a width for each layer, in the layers' order
 * @param sensitivity sum over the layers
 * @param costs sums over the layers, in the order of the limits
 * @param objective what was minimised: sensitivity and weighted costs
 * @param bound the least that any choice could reach, from the relaxation: how far the widths can be from a continuous optimum
 * @see <a href="https://arxiv.org/abs/2309.01945">Huang et al., On-chip hardware-aware quantization, 2023</a>
 */
public record BitAllocation(
        List<Integer> bits, double sensitivity, List<Double> costs, double objective, double bound) {
    /** Relative difference below which two objectives are the same: what the simplex can tell. */
    private static final double TOLERANCE = 1e-9;

    private static final int MOST_NODES = 200_000;

    public BitAllocation {
        bits = List.copyOf(bits);
        costs = List.copyOf(costs);
    }

    /**
     * A limit on one cost.
     *
     * @param name of the cost, for messages
     * @param most sum over the layers that is allowed; infinite for no limit
     * @param weight of the cost in what is minimised, in sensitivity per unit of cost; 0 where only the limit counts
     */
    public record Limit(String name, double most, double weight) {
        public Limit {
            if (!(most > 0) || !(weight >= 0 && Double.isFinite(weight))) {
                throw new InvalidInputException(
                        "the limit of %s is %s with weight %s; limits are above 0, weights finite and at least 0"
                                .formatted(name, most, weight));
            }
        }
    }

    /**
     * The best widths.
     *
     * @param layers at least one, each with a cost for every limit
     * @throws InvalidInputException if no widths are within all limits, naming the nearest; or if there is no proof of the best after
     *     {@value #MOST_NODES} nodes, which many limits at once may cause
     */
    public static BitAllocation solve(List<LayerOptions> layers, List<Limit> limits) {
        if (layers.isEmpty()) {
            throw new InvalidInputException("there are no layers whose widths could be chosen; give one at least");
        }
        for (LayerOptions l : layers) {
            if (l.options().get(0).costs().size() != limits.size()) {
                throw new IllegalArgumentException("Layer %s has %d costs, there are %d limits"
                        .formatted(l.layer(), l.options().get(0).costs().size(), limits.size()));
            }
        }
        return new Search(layers, limits).run();
    }

    /** Branch and bound over one program. */
    private static final class Search {
        private final List<LayerOptions> layers;
        private final List<Limit> limits;
        private int[] best = {};
        private double least = Double.POSITIVE_INFINITY;
        private int nodes;

        Search(List<LayerOptions> layers, List<Limit> limits) {
            this.layers = layers;
            this.limits = limits;
        }

        BitAllocation run() {
            requireEachFeasible();
            int[] free = new int[layers.size()];
            Arrays.fill(free, -1);
            Relaxed root = relaxed(free);
            if (root != null) {
                branch(free, root);
            }
            if (best.length == 0) {
                throw new InvalidInputException("no widths meet %s together; raise one of the limits"
                        .formatted(String.join(
                                " and ",
                                limits.stream()
                                        .filter(l -> Double.isFinite(l.most))
                                        .map(l -> "%s <= %s".formatted(l.name, l.most))
                                        .toList())));
            }
            return result(root == null ? least : root.value);
        }

        private void requireEachFeasible() {
            for (int c = 0; c < limits.size(); c++) {
                int cost = c;
                double smallest = layers.stream()
                        .mapToDouble(l -> l.options().stream()
                                .mapToDouble(o -> o.costs().get(cost))
                                .min()
                                .orElseThrow())
                        .sum();
                if (smallest > limits.get(c).most) {
                    throw new InvalidInputException("no widths meet %s <= %s: the least is %s; raise the limit"
                            .formatted(limits.get(c).name, limits.get(c).most, smallest));
                }
            }
        }

        private BitAllocation result(double bound) {
            List<Integer> bits = new ArrayList<>();
            double[] costs = new double[limits.size()];
            double sensitivity = 0;
            for (int l = 0; l < best.length; l++) {
                LayerOptions.Option o = layers.get(l).options().get(best[l]);
                bits.add(o.bits());
                sensitivity += o.sensitivity();
                for (int c = 0; c < costs.length; c++) {
                    costs[c] += o.costs().get(c);
                }
            }
            return new BitAllocation(
                    bits, sensitivity, Arrays.stream(costs).boxed().toList(), least, Math.min(bound, least));
        }

        private void branch(int[] fixed, Relaxed at) {
            if (++nodes > MOST_NODES) {
                throw new InvalidInputException(
                        "the best widths of %d layers under %d limits are not proven after %,d nodes; leave out a limit"
                                .formatted(layers.size(), limits.size(), MOST_NODES));
            }
            if (at.value >= least - TOLERANCE * Math.abs(least)) {
                return;
            }
            int layer = at.undecided();
            if (layer < 0) {
                if (accept(at.rounded(fixed))) {
                    return;
                }
                // Within the simplex' tolerance, but over a limit: whatever is free is tried one by one.
                layer = firstFree(fixed);
                if (layer < 0) {
                    return;
                }
            }
            double[] share = Objects.requireNonNull(at.shares[layer]);
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < share.length; i++) {
                order.add(i);
            }
            order.sort(Comparator.comparingDouble((Integer i) -> -share[i]).thenComparing(i -> i));
            for (int option : order) {
                int[] next = fixed.clone();
                next[layer] = option;
                Relaxed r = relaxed(next);
                if (r != null) {
                    branch(next, r);
                }
            }
        }

        private static int firstFree(int[] fixed) {
            for (int l = 0; l < fixed.length; l++) {
                if (fixed[l] < 0) {
                    return l;
                }
            }
            return -1;
        }

        /** False where the choice is over a limit. */
        private boolean accept(int[] choice) {
            double value = 0;
            double[] sums = new double[limits.size()];
            for (int l = 0; l < choice.length; l++) {
                value += value(l, choice[l]);
                for (int c = 0; c < sums.length; c++) {
                    sums[c] += layers.get(l).options().get(choice[l]).costs().get(c);
                }
            }
            for (int c = 0; c < sums.length; c++) {
                if (sums[c] > limits.get(c).most) {
                    return false;
                }
            }
            if (value < least) {
                least = value;
                best = choice;
            }
            return true;
        }

        private double value(int layer, int option) {
            LayerOptions.Option o = layers.get(layer).options().get(option);
            double v = o.sensitivity();
            for (int c = 0; c < limits.size(); c++) {
                v += limits.get(c).weight * o.costs().get(c);
            }
            return v;
        }

        /** The relaxation with some layers fixed; null where it has no solution. */
        private @Nullable Relaxed relaxed(int[] fixed) {
            int variables = 0;
            int[] at = new int[layers.size()];
            double constant = 0;
            double[] left = limits.stream().mapToDouble(Limit::most).toArray();
            for (int l = 0; l < fixed.length; l++) {
                at[l] = variables;
                if (fixed[l] < 0) {
                    variables += layers.get(l).options().size();
                } else {
                    constant += value(l, fixed[l]);
                    for (int c = 0; c < left.length; c++) {
                        left[c] -= layers.get(l).options().get(fixed[l]).costs().get(c);
                    }
                }
            }
            for (double rest : left) {
                if (rest < 0) {
                    return null;
                }
            }
            @Nullable double[][] shares = new double[layers.size()][];
            if (variables == 0) {
                return new Relaxed(constant, shares);
            }
            double[] x = simplex(fixed, at, variables, left);
            if (x.length == 0) {
                return null;
            }
            double value = constant;
            for (int l = 0; l < fixed.length; l++) {
                if (fixed[l] < 0) {
                    shares[l] = Arrays.copyOfRange(
                            x, at[l], at[l] + layers.get(l).options().size());
                    for (int i = 0; i < shares[l].length; i++) {
                        value += shares[l][i] * value(l, i);
                    }
                }
            }
            return new Relaxed(value, shares);
        }

        /** A share of each width of each free layer; none where there is no solution. */
        private double[] simplex(int[] fixed, int[] at, int variables, double[] left) {
            double[] objective = new double[variables];
            double[][] cost = new double[limits.size()][variables];
            List<LinearConstraint> constraints = new ArrayList<>();
            double largest = 0;
            for (int l = 0; l < fixed.length; l++) {
                if (fixed[l] < 0) {
                    double[] one = new double[variables];
                    for (int i = 0; i < layers.get(l).options().size(); i++) {
                        one[at[l] + i] = 1;
                        objective[at[l] + i] = value(l, i);
                        largest = Math.max(largest, objective[at[l] + i]);
                        for (int c = 0; c < cost.length; c++) {
                            // As shares of the limit: the simplex' tolerances are absolute.
                            cost[c][at[l] + i] =
                                    layers.get(l).options().get(i).costs().get(c) / limits.get(c).most;
                        }
                    }
                    constraints.add(new LinearConstraint(one, Relationship.EQ, 1));
                }
            }
            for (int c = 0; c < cost.length; c++) {
                if (Double.isFinite(limits.get(c).most)) {
                    constraints.add(new LinearConstraint(cost[c], Relationship.LEQ, left[c] / limits.get(c).most));
                }
            }
            double scale = largest > 0 ? largest : 1;
            for (int i = 0; i < variables; i++) {
                objective[i] /= scale;
            }
            try {
                return new SimplexSolver()
                        .optimize(
                                new LinearObjectiveFunction(objective, 0),
                                new LinearConstraintSet(constraints),
                                GoalType.MINIMIZE,
                                new NonNegativeConstraint(true),
                                PivotSelectionRule.BLAND)
                        .getPoint();
            } catch (MathIllegalStateException e) {
                if (e.getSpecifier() == LocalizedOptimFormats.NO_FEASIBLE_SOLUTION) {
                    return new double[0];
                }
                throw e;
            }
        }
    }

    /**
     * A solution of the relaxation.
     *
     * @param value its objective
     * @param shares of each width of each free layer; null for fixed ones
     */
    @SuppressWarnings("ArrayRecordComponent") // used inside this file only, never compared
    private record Relaxed(double value, double[] @Nullable [] shares) {
        private static final double WHOLE = 1e-6;

        /** The layer farthest from a decision, or -1. */
        int undecided() {
            int layer = -1;
            double most = WHOLE;
            for (int l = 0; l < shares.length; l++) {
                double[] s = shares[l];
                if (s != null) {
                    double between = 1 - Arrays.stream(s).max().orElse(1);
                    if (between > most) {
                        most = between;
                        layer = l;
                    }
                }
            }
            return layer;
        }

        int[] rounded(int[] fixed) {
            int[] choice = fixed.clone();
            for (int l = 0; l < choice.length; l++) {
                double[] s = shares[l];
                if (s != null) {
                    choice[l] = 0;
                    for (int i = 1; i < s.length; i++) {
                        choice[l] = s[i] > s[choice[l]] ? i : choice[l];
                    }
                }
            }
            return choice;
        }
    }
}
