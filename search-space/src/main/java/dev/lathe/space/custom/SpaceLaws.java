package dev.lathe.space.custom;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.custom.Definition.DecisionText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Finds a described space's extreme networks, and refuses descriptions in which two architectures make one network. A file can
 * say anything, so both are found by trying: from the first and the last choices uphill and downhill in each cost, every choice
 * of every decision and every condition on top, then a few hundred random networks. The draws are seeded: one file always gives one answer.
 */
final class SpaceLaws {
    private static final int RANDOM = 300;
    private static final int MOST_NEIGHBOURS = 3_000;
    private static final int MOST_COMBINATIONS = 256;
    private static final int MOST_COVERING = 1_000;
    private static final int COSTS = 3;

    private final CustomSpace space;
    private final Activity activity;
    private final Compiler.Compiled compiled;
    private final Source source;
    private final List<Decision> decisions;
    private final Map<Architecture, long[]> costs = new HashMap<>();
    private final Set<Architecture> covering = new LinkedHashSet<>();
    private final Set<Architecture> floors = new LinkedHashSet<>();
    private final Map<String, int[]> covered = new HashMap<>();
    private final long[] most = new long[COSTS];
    private final long[] least = new long[COSTS];

    /** The covering and the smallest networks, the largest and smallest of all first. */
    record Extremes(List<Architecture> covering, List<Architecture> floors) {}

    SpaceLaws(CustomSpace space, Activity activity, Compiler.Compiled compiled, Source source) {
        this.space = space;
        this.activity = activity;
        this.compiled = compiled;
        this.source = source;
        this.decisions = compiled.decisions();
    }

    Extremes check() {
        int n = decisions.size();
        int[] last = new int[n];
        for (int d = 0; d < n; d++) {
            last[d] = decisions.get(d).size() - 1;
        }
        int[] top = climb(last, 0, true);
        int[] bottom = climb(new int[n], 0, false);
        cover(top);
        addFloor(bottom);
        for (int k = 1; k < COSTS; k++) {
            int[] up = climb(last, k, true);
            if (costs(up)[k] > most[k]) {
                cover(up);
            }
            int[] down = climb(new int[n], k, false);
            if (costs(down)[k] < least[k]) {
                addFloor(down);
            }
        }
        coverEveryChoice(top, bottom);
        RandomGenerator random = Seeds.generator(1, "custom-space", 0);
        List<Architecture> draws = new ArrayList<>();
        for (int i = 0; i < RANDOM; i++) {
            draws.add(space.random(random));
        }
        coverDraws(draws);
        requireEveryChoiceToMatter(top, bottom, draws);
        requireDifferentNetworks(draws);
        return new Extremes(List.copyOf(covering), List.copyOf(floors));
    }

    private Architecture at(int[] choices) {
        return space.canonical(Architecture.of(space.name(), choices));
    }

    /** MACs, parameters, elements moved. */
    private long[] costs(int[] choices) {
        return costs.computeIfAbsent(at(choices), a -> {
            CostModel.Cost c = CostModel.of(space.lower(a));
            return new long[] {c.macs(), c.parameters(), c.movedElements()};
        });
    }

    /** One decision at a time to the choice of most, or least, cost; of equals the one it has. */
    private int[] climb(int[] start, int cost, boolean up) {
        int[] c = start.clone();
        boolean changed = true;
        for (int pass = 0; changed && pass < 4; pass++) {
            changed = false;
            for (int d = 0; d < c.length; d++) {
                int best = c[d];
                long[] bestCosts = costs(c);
                int before = c[d];
                for (int choice = 0; choice < decisions.get(d).size(); choice++) {
                    c[d] = choice;
                    long[] here = costs(c);
                    if (isBeyond(here, bestCosts, cost, up)) {
                        best = choice;
                        bestCosts = here;
                    }
                }
                c[d] = best;
                changed |= best != before;
            }
        }
        return c;
    }

    private static boolean isBeyond(long[] a, long[] b, int first, boolean up) {
        for (int i = 0; i < COSTS; i++) {
            int k = (first + i) % COSTS;
            if (a[k] != b[k]) {
                return up == a[k] > b[k];
            }
        }
        return false;
    }

    private void cover(int[] choices) {
        Architecture a = at(choices);
        if (!covering.add(a)) {
            return;
        }
        if (covering.size() > MOST_COVERING) {
            throw source.error(
                    1,
                    "layers",
                    "more than %d networks share no weights; use fewer conditions".formatted(MOST_COVERING));
        }
        for (Node node : space.lower(a).nodes()) {
            for (ParameterUse use : node.op().parameters()) {
                WeightSlice s = use.slice();
                int[] e = covered.computeIfAbsent(s.parameter(), k -> new int[s.rank()]);
                if (e.length != s.rank()) {
                    throw source.error(
                            1, "layers", "two layers claim the parameter %s; rename one".formatted(s.parameter()));
                }
                double elements = 1;
                for (int i = 0; i < e.length; i++) {
                    e[i] = Math.max(e[i], s.ranges().get(i).to());
                    elements *= e[i];
                }
                if (elements > Integer.MAX_VALUE) {
                    throw tooLarge(s.parameter(), elements);
                }
            }
        }
        long[] c = costs(choices);
        for (int k = 0; k < COSTS; k++) {
            most[k] = Math.max(most[k], c[k]);
        }
    }

    private InvalidInputException tooLarge(String parameter, double elements) {
        Instance layer = owner(compiled.layers(), parameter);
        return source.error(
                layer == null ? 1 : layer.text.line(),
                layer == null ? "layers" : layer.text.key(),
                "parameter %s has %.0f elements; at most %d can be indexed; make it narrower"
                        .formatted(parameter, elements, Integer.MAX_VALUE));
    }

    private static @Nullable Instance owner(List<Instance> layers, String parameter) {
        for (Instance i : layers) {
            if (parameter.startsWith(i.name)) {
                Instance within = owner(i.children, parameter);
                return within == null ? i : within;
            }
        }
        return null;
    }

    private void addFloor(int[] choices) {
        long[] c = costs(choices);
        for (int k = 0; k < COSTS; k++) {
            least[k] = floors.isEmpty() ? c[k] : Math.min(least[k], c[k]);
        }
        floors.add(at(choices));
    }

    /** The first parameter of which the covering networks lack a part, or null. */
    private @Nullable String uncovered(int[] choices) {
        for (Node node : space.lower(at(choices)).nodes()) {
            for (ParameterUse use : node.op().parameters()) {
                int[] e = covered.get(use.slice().parameter());
                if (e == null || reach(use.slice(), e) > 0) {
                    return use.slice().parameter();
                }
            }
        }
        return null;
    }

    private static int reach(WeightSlice s, int[] extents) {
        int beyond = 0;
        for (int i = 0; i < extents.length; i++) {
            beyond += Math.max(0, s.ranges().get(i).to() - extents[i]);
        }
        return beyond;
    }

    private void coverEveryChoice(int[] top, int[] bottom) {
        for (int d = 0; d < decisions.size(); d++) {
            boolean added = false;
            for (int choice = 0; choice < decisions.get(d).size(); choice++) {
                int[] c = with(top, d, choice);
                if (uncovered(c) != null) {
                    cover(c);
                    added = true;
                }
            }
            for (int choice = 0; added && choice < decisions.get(d).size(); choice++) {
                addFloor(with(bottom, d, choice));
            }
        }
        for (Compiler.Peak peak : compiled.peaks()) {
            int[] c = top.clone();
            for (int i = 0; i < peak.decisions().length; i++) {
                c[peak.decisions()[i]] = peak.choices()[i];
            }
            if (uncovered(c) != null) {
                cover(c);
            }
        }
        coverEveryLayer(compiled.layers(), top, bottom);
    }

    private void coverEveryLayer(List<Instance> layers, int[] top, int[] bottom) {
        for (Instance i : layers) {
            if (!i.guards.isEmpty()) {
                int[] c = top.clone();
                activity.satisfy(c, i.allGuards(), 0);
                if (uncovered(c) != null) {
                    cover(c);
                    int[] low = bottom.clone();
                    activity.satisfy(low, i.allGuards(), 0);
                    addFloor(low);
                }
            }
            coverEveryLayer(i.children, top, bottom);
        }
    }

    private int[] with(int[] choices, int decision, int choice) {
        int[] c = choices.clone();
        activity.activate(c, decision, 0);
        c[decision] = choice;
        return c;
    }

    private void coverDraws(List<Architecture> draws) {
        for (Architecture a : draws) {
            for (String missing = uncovered(a.choices()); missing != null; missing = uncovered(a.choices())) {
                cover(widen(a.choices(), missing));
                cover(a.choices());
            }
            for (int k = 0; k < COSTS; k++) {
                if (costs(a.choices())[k] > most[k]) {
                    cover(climb(a.choices(), k, true));
                }
                if (costs(a.choices())[k] < least[k]) {
                    addFloor(climb(a.choices(), k, false));
                }
            }
        }
    }

    /** One decision at a time to the choice that uses most of a parameter. */
    private int[] widen(int[] start, String parameter) {
        int[] c = start.clone();
        for (int d = 0; d < c.length; d++) {
            int best = c[d];
            long bestUse = use(c, parameter);
            for (int choice = 0; choice < decisions.get(d).size(); choice++) {
                c[d] = choice;
                long here = use(c, parameter);
                if (here > bestUse || (here == bestUse && choice > best)) {
                    best = choice;
                    bestUse = here;
                }
            }
            c[d] = best;
        }
        return c;
    }

    private long use(int[] choices, String parameter) {
        for (Node node : space.lower(at(choices)).nodes()) {
            for (ParameterUse use : node.op().parameters()) {
                if (use.slice().parameter().equals(parameter)) {
                    long n = 1;
                    for (dev.lathe.graph.Range r : use.slice().ranges()) {
                        n *= r.to();
                    }
                    return n;
                }
            }
        }
        return 0;
    }

    private void requireEveryChoiceToMatter(int[] top, int[] bottom, List<Architecture> draws) {
        List<int[]> bases = new ArrayList<>(List.of(top, bottom));
        int choices = decisions.stream().mapToInt(Decision::size).sum();
        for (int i = 0; i < Math.min(6, MOST_NEIGHBOURS / choices); i++) {
            bases.add(draws.get(i).choices());
        }
        for (int[] base : bases) {
            for (int d = 0; d < base.length; d++) {
                int[] c = with(base, d, 0);
                if (!activity.point(Architecture.of(space.name(), c)).active()[d]) {
                    DecisionText t = compiled.texts().get(d);
                    throw source.error(
                            t.line(),
                            t.key(),
                            "decision %s is never there: its conditions never hold; change or remove one"
                                    .formatted(decisions.get(d).name()));
                }
                requireDifferent(c, new int[] {d});
            }
        }
        for (int[] together : compiled.together()) {
            long combinations = 1;
            for (int d : together) {
                combinations *= decisions.get(d).size();
            }
            if (combinations <= MOST_COMBINATIONS) {
                requireDifferent(top, together);
            }
        }
    }

    /** All choices of some decisions make different networks, but for those that are one canonical form. */
    private void requireDifferent(int[] base, int[] some) {
        Map<Graph, Architecture> seen = new HashMap<>();
        int[] c = base.clone();
        for (int d : some) {
            c[d] = 0;
        }
        do {
            Architecture a = at(c);
            Architecture before = seen.put(space.lower(a), a);
            if (before != null && !before.equals(a)) {
                throw same(before, a);
            }
        } while (next(c, some));
    }

    private boolean next(int[] c, int[] some) {
        for (int d : some) {
            if (++c[d] < decisions.get(d).size()) {
                return true;
            }
            c[d] = 0;
        }
        return false;
    }

    private void requireDifferentNetworks(List<Architecture> draws) {
        Map<Integer, Architecture> seen = new HashMap<>();
        for (Architecture a : draws) {
            Graph g = space.lower(a);
            Architecture before = seen.put(g.hashCode(), a);
            if (before != null && !before.equals(a) && space.lower(before).equals(g)) {
                throw same(before, a);
            }
        }
    }

    private InvalidInputException same(Architecture a, Architecture b) {
        List<String> different = new ArrayList<>();
        int first = -1;
        for (int d = 0; d < decisions.size(); d++) {
            if (a.choice(d) != b.choice(d)) {
                first = first < 0 ? d : first;
                Decision decision = decisions.get(d);
                different.add("%s = %s or %s"
                        .formatted(
                                decision.name(),
                                Compiler.shown(decision.value(a.choice(d))),
                                Compiler.shown(decision.value(b.choice(d)))));
            }
        }
        DecisionText t = compiled.texts().get(Math.max(0, first));
        return source.error(
                t.line(),
                t.key(),
                "%s make the same network (%s); leave out a choice, use the decision in a layer, or say when it is there"
                        .formatted(String.join(", ", different), a));
    }
}
