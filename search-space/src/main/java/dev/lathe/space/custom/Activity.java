package dev.lathe.space.custom;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.custom.Definition.Text;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Which decisions are there, given the others. */
final class Activity {
    private final List<Decision> decisions;
    private final List<List<Guard>> guards;
    /** Decisions with those they depend on before them. */
    private final int[] order;

    /** @throws InvalidInputException if decisions are there only when each other are */
    Activity(Source source, Compiler.Compiled compiled) {
        this.decisions = compiled.decisions();
        this.guards = compiled.guards();
        this.order = order(source);
    }

    /** Values and activity of an architecture, which need not be canonical. */
    Point point(Architecture a) {
        Point p = new Point(new double[order.length], new boolean[order.length]);
        for (int d : order) {
            boolean active = Guard.allHold(guards.get(d), p);
            p.active()[d] = active;
            p.values()[d] = decisions.get(d).value(active ? a.choice(d) : 0);
        }
        return p;
    }

    /** Choices that make a decision be there, as far as they can be found one condition at a time. */
    void activate(int[] choices, int decision, int depth) {
        satisfy(choices, guards.get(decision), depth);
    }

    /** Changes choices so that conditions hold, the last choices first. */
    void satisfy(int[] choices, List<Guard> conditions, int depth) {
        if (depth > decisions.size()) {
            return;
        }
        double[] values = new double[choices.length];
        for (int d = 0; d < choices.length; d++) {
            values[d] = decisions.get(d).value(choices[d]);
        }
        for (Guard g : conditions) {
            if (g.condition().value(values) == 0) {
                search(g, choices, values, 0);
            }
            for (int d : g.decisions()) {
                activate(choices, d, depth + 1);
            }
        }
    }

    private boolean search(Guard g, int[] choices, double[] values, int at) {
        if (at == g.decisions().length) {
            return g.condition().value(values) != 0;
        }
        int d = g.decisions()[at];
        int before = choices[d];
        for (int c = decisions.get(d).size() - 1; c >= 0; c--) {
            choices[d] = c;
            values[d] = decisions.get(d).value(c);
            if (search(g, choices, values, at + 1)) {
                return true;
            }
        }
        choices[d] = before;
        values[d] = decisions.get(d).value(before);
        return false;
    }

    private int[] order(Source source) {
        int n = decisions.size();
        int[] sorted = new int[n];
        int count = 0;
        int[] state = new int[n];
        for (int root = 0; root < n; root++) {
            ArrayDeque<Integer> path = new ArrayDeque<>();
            if (state[root] == 0) {
                path.push(root);
            }
            while (!path.isEmpty()) {
                int d = path.peek();
                state[d] = 1;
                Integer next = null;
                for (Guard g : guards.get(d)) {
                    for (int r : g.decisions()) {
                        if (state[r] == 1) {
                            throw cycle(source, path, r, g.text());
                        }
                        if (state[r] == 0 && next == null) {
                            next = r;
                        }
                    }
                }
                if (next == null) {
                    state[d] = 2;
                    sorted[count++] = d;
                    path.pop();
                } else {
                    path.push(next);
                }
            }
        }
        return sorted;
    }

    private InvalidInputException cycle(Source source, ArrayDeque<Integer> path, int again, Text text) {
        List<String> names = new ArrayList<>();
        names.add(decisions.get(again).name());
        for (int d : path) {
            names.add(0, decisions.get(d).name());
            if (d == again) {
                break;
            }
        }
        String circle = String.join(" -> ", names);
        return source.error(
                text.line(),
                text.key(),
                "decision '%s' is there only when itself is (%s), a circle; remove one of these conditions"
                        .formatted(decisions.get(again).name(), circle));
    }
}
