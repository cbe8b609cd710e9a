package dev.lathe.graph.memory;

import dev.lathe.graph.Shape;
import dev.lathe.graph.memory.DeploymentPlan.Buffer;
import dev.lathe.graph.memory.DeploymentPlan.Region;
import dev.lathe.graph.memory.DeploymentPlan.Role;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Executes attention by heads and rows, with the names that the test networks give their nodes. */
final class AttentionSimulator {
    private final ArenaSimulator sim;
    private final Region region;
    private final int first;
    /** Norm and shared factors, in order. */
    private final List<Integer> token = new ArrayList<>();

    private final List<Integer> project = new ArrayList<>();
    private int query;
    private int key;
    private int value;
    private int scores;
    private int softmax;
    private int mix;
    private int relativeKeys = -1;
    private int relativeKeySum = -1;
    private int relativeValues = -1;
    private int relativeValueSum = -1;
    private int residual = -1;
    private int source = -1;

    AttentionSimulator(ArenaSimulator sim, Region region) {
        this.sim = sim;
        this.region = region;
        first = region.firstStep();
        for (int n : region.nodes()) {
            String name = sim.node(n).name();
            if (name.endsWith(".query")) {
                query = n;
            } else if (name.endsWith(".key")) {
                key = n;
            } else if (name.endsWith(".value")) {
                value = n;
            } else if (name.endsWith(".scores")) {
                scores = n;
            } else if (name.endsWith(".softmax")) {
                softmax = n;
            } else if (name.endsWith(".mix")) {
                mix = n;
            } else if (name.endsWith(".relativeKeys")) {
                relativeKeys = n;
            } else if (name.endsWith(".scores.add")) {
                relativeKeySum = n;
            } else if (name.endsWith(".relativeValues")) {
                relativeValues = n;
            } else if (name.endsWith(".mix.add")) {
                relativeValueSum = n;
            } else if (name.endsWith(".sum")) {
                residual = n;
            } else if (name.endsWith(".norm") || name.endsWith(".shared")) {
                token.add(n);
            } else if (name.contains(".project")) {
                project.add(n);
            }
        }
        source = token.isEmpty() ? sim.inputOf(query, 0) : sim.inputOf(token.get(0), 0);
    }

    void run() {
        Shape q = sim.node(scores).inputs().get(0).shape();
        int heads = q.extent(0);
        int tokens = q.extent(1);
        int d = q.extent(2);
        int keyHeads = sim.node(scores).inputs().get(1).shape().extent(0);
        Buffer shared = sim.find(Role.SHARED_FACTOR, -1, first);
        for (int t = 0; t < tokens && shared != null; t++) {
            tokenRow(t, first, shared);
        }
        Buffer keys = sim.need(Role.KEYS, -1, first + 1);
        Buffer values = sim.need(Role.VALUES, -1, first + 1);
        Buffer mixed = sim.need(Role.MIXED, -1, first + 1);
        for (int h = 0; h < heads; h++) {
            // One head of keys and values for all stays where it is.
            for (int t = 0; t < tokens && h < keyHeads; t++) {
                Buffer row = shared != null ? shared : tokenRow(t, first + 1, null);
                for (int c = 0; c < d; c++) {
                    int e = (t * keyHeads + h) * d + c;
                    sim.arena.write(keys, t * d + c, 1, project(key, e, row, shared != null));
                    sim.arena.write(values, t * d + c, 1, project(value, e, row, shared != null));
                }
            }
            for (int t = 0; t < tokens; t++) {
                Buffer row = shared != null ? shared : tokenRow(t, first + 2, null);
                Buffer one = sim.need(Role.QUERY, -1, first + 2);
                for (int c = 0; c < d; c++) {
                    sim.arena.write(one, c, 1, project(query, (t * heads + h) * d + c, row, shared != null));
                }
                attend(h, t, heads, tokens, d, one, keys, values, mixed);
            }
        }
        for (int t = 0; t < tokens; t++) {
            projectToken(t, mixed);
        }
    }

    /** Norm and factors of one token; the last into {@code end}, or into a buffer of its own; where the result is. */
    private @Nullable Buffer tokenRow(int t, int step, @Nullable Buffer end) {
        Buffer before = null;
        for (int i = 0; i < token.size(); i++) {
            int node = token.get(i);
            int width = sim.node(node).output().shape().last();
            int inWidth = sim.shape(sim.inputOf(node, 0)).last();
            boolean kept = end != null && i + 1 == token.size();
            Buffer from = before;
            Buffer to = kept && end != null ? end : sim.need(Role.TOKEN, node + sim.inputs, step);
            for (int c = 0; c < width; c++) {
                long v = sim.semantics.element(
                        node,
                        t * width + c,
                        (k, j) ->
                                from == null ? sim.load(source, j, region) : sim.arena.read(from, j - t * inWidth, 1));
                sim.arena.write(to, kept ? t * width + c : c, 1, v);
            }
            before = to;
        }
        return before;
    }

    private long project(int linear, int e, @Nullable Buffer row, boolean all) {
        int width = sim.shape(sim.inputOf(linear, 0)).last();
        return sim.semantics.element(
                linear,
                e,
                (k, j) -> row == null ? sim.load(source, j, region) : sim.arena.read(row, all ? j : j % width, 1));
    }

    private void attend(
            int h, int t, int heads, int tokens, int d, Buffer one, Buffer keys, Buffer values, Buffer mixed) {
        int step = first + 3;
        Buffer row = sim.need(Role.SCORES, -1, step);
        int at = (h * tokens + t) * tokens;
        if (relativeKeys >= 0) {
            sim.arena.scribble(sim.need(Role.RELATIVE, relativeKeys + sim.inputs, step));
        }
        for (int j = 0; j < tokens; j++) {
            long s = sim.semantics.element(
                    scores,
                    at + j,
                    (k, i) -> sim.arena.read(k == 0 ? one : keys, k == 0 ? i % d : i % (tokens * d), 1));
            if (relativeKeys >= 0) {
                long r = sim.semantics.element(relativeKeys, at + j, (k, i) -> sim.arena.read(one, i % d, 1));
                s = sum(relativeKeySum, at + j, scores, s, r);
            }
            sim.arena.write(row, j, 4, s);
        }
        long[] weights = new long[tokens];
        for (int j = 0; j < tokens; j++) {
            weights[j] = sim.semantics.element(softmax, at + j, (k, i) -> sim.arena.read(row, i - at, 4));
        }
        for (int j = 0; j < tokens; j++) {
            sim.arena.write(row, j, 4, weights[j]);
        }
        if (relativeValues >= 0) {
            sim.arena.scribble(sim.need(Role.RELATIVE, relativeValues + sim.inputs, step));
        }
        for (int c = 0; c < d; c++) {
            int e = (h * tokens + t) * d + c;
            long v = sim.semantics.element(
                    mix,
                    e,
                    (k, i) -> k == 0 ? sim.arena.read(row, i - at, 4) : sim.arena.read(values, i % (tokens * d), 1));
            if (relativeValues >= 0) {
                long r = sim.semantics.element(relativeValues, e, (k, i) -> sim.arena.read(row, i - at, 4));
                v = sum(relativeValueSum, e, mix, v, r);
            }
            sim.arena.write(mixed, (t * heads + h) * d + c, 1, v);
        }
    }

    private long sum(int add, int e, int made, long value, long other) {
        return sim.semantics.element(add, e, (k, j) -> sim.inputOf(add, k) == made + sim.inputs ? value : other);
    }

    private void projectToken(int t, Buffer mixed) {
        int step = first + 4;
        Buffer before = null;
        for (int i = 0; i < project.size(); i++) {
            int node = project.get(i);
            int width = sim.node(node).output().shape().last();
            int inWidth = sim.shape(sim.inputOf(node, 0)).last();
            Buffer from = before;
            boolean last = i + 1 == project.size();
            Buffer to = last ? null : sim.need(Role.TOKEN, node + sim.inputs, step);
            for (int c = 0; c < width; c++) {
                int e = t * width + c;
                long v = sim.semantics.element(
                        node,
                        e,
                        (k, j) ->
                                from == null ? sim.arena.read(mixed, j, 1) : sim.arena.read(from, j - t * inWidth, 1));
                if (to != null) {
                    sim.arena.write(to, c, 1, v);
                } else if (residual >= 0) {
                    sim.store(region.output(), e, sum(residual, e, node, v, sim.load(source, e, region)), region);
                } else {
                    sim.store(region.output(), e, v, region);
                }
            }
            before = to;
        }
    }
}
