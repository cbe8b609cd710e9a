package dev.lathe.space.custom;

import dev.lathe.space.Decision;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Counts canonical forms exactly. Decisions that no open condition ties together multiply; where conditions tie some, one that
 * they ask for is tried at each of its choices, which settles conditions and lets the rest fall apart again. So the work grows
 * with the ties, not with the number of forms.
 */
final class SizeCounter {
    private static final int MOST_STEPS = 400_000;

    private final List<Decision> decisions;
    private final List<List<Guard>> guards;
    private int steps;

    SizeCounter(List<Decision> decisions, List<List<Guard>> guards) {
        this.decisions = decisions;
        this.guards = guards;
    }

    /** What is settled so far. */
    private record State(double[] values, boolean[] settled, boolean[] active) {
        State copy() {
            return new State(values.clone(), settled.clone(), active.clone());
        }

        Point point() {
            return new Point(values, active);
        }
    }

    /** @throws ArithmeticException if the conditions are tied together too much to count */
    BigInteger count() {
        int n = decisions.size();
        List<Integer> all = new ArrayList<>();
        for (int d = 0; d < n; d++) {
            all.add(d);
        }
        return count(all, new State(new double[n], new boolean[n], new boolean[n]));
    }

    private BigInteger count(List<Integer> some, State state) {
        if (++steps > MOST_STEPS) {
            throw new ArithmeticException("More than %d steps".formatted(MOST_STEPS));
        }
        List<Integer> open = withoutInactive(some, state);
        BigInteger product = BigInteger.ONE;
        for (List<Integer> part : parts(open, state)) {
            product = product.multiply(countPart(part, state));
        }
        return product;
    }

    private BigInteger countPart(List<Integer> part, State state) {
        if (part.size() == 1) {
            return BigInteger.valueOf(decisions.get(part.get(0)).size());
        }
        int root = mostAskedFor(part, state);
        List<Integer> rest = new ArrayList<>(part);
        rest.remove((Integer) root);
        BigInteger sum = BigInteger.ZERO;
        for (double value : decisions.get(root).choices()) {
            State with = state.copy();
            with.values[root] = value;
            with.settled[root] = true;
            with.active[root] = true;
            sum = sum.add(count(rest, with));
        }
        return sum;
    }

    private List<Integer> withoutInactive(List<Integer> some, State state) {
        List<Integer> open = new ArrayList<>(some);
        boolean changed = true;
        while (changed) {
            changed = open.removeIf(d -> {
                for (Guard g : guards.get(d)) {
                    if (isSettledFalse(g, state)) {
                        state.values[d] = decisions.get(d).value(0);
                        state.settled[d] = true;
                        return true;
                    }
                }
                return false;
            });
        }
        return open;
    }

    private static boolean isSettledFalse(Guard g, State state) {
        boolean all = true;
        for (int r : g.decisions()) {
            if (state.settled[r] && !state.active[r]) {
                return true;
            }
            all &= state.settled[r];
        }
        return all && !g.holds(state.point());
    }

    private static boolean isOpen(Guard g, State state) {
        for (int r : g.decisions()) {
            if (!state.settled[r]) {
                return true;
            }
        }
        return false;
    }

    /** Of those whose own conditions are settled, the one in most open conditions. */
    private int mostAskedFor(List<Integer> part, State state) {
        int[] asked = new int[decisions.size()];
        for (int d : part) {
            for (Guard g : guards.get(d)) {
                if (isOpen(g, state)) {
                    for (int r : g.decisions()) {
                        asked[r]++;
                    }
                }
            }
        }
        int best = -1;
        for (int d : part) {
            boolean free = guards.get(d).stream().noneMatch(g -> isOpen(g, state));
            if (free && (best < 0 || asked[d] > asked[best])) {
                best = d;
            }
        }
        return best;
    }

    private List<List<Integer>> parts(List<Integer> open, State state) {
        int[] leader = new int[decisions.size()];
        Arrays.setAll(leader, i -> i);
        for (int d : open) {
            for (Guard g : guards.get(d)) {
                if (isOpen(g, state)) {
                    for (int r : g.decisions()) {
                        if (!state.settled[r]) {
                            leader[find(leader, r)] = find(leader, d);
                        }
                    }
                }
            }
        }
        List<List<Integer>> parts = new ArrayList<>();
        int[] partOf = new int[decisions.size()];
        for (int d : open) {
            int l = find(leader, d);
            if (partOf[l] == 0) {
                parts.add(new ArrayList<>());
                partOf[l] = parts.size();
            }
            parts.get(partOf[l] - 1).add(d);
        }
        return parts;
    }

    private static int find(int[] leader, int d) {
        int l = d;
        while (leader[l] != l) {
            leader[l] = leader[leader[l]];
            l = leader[l];
        }
        return l;
    }
}
