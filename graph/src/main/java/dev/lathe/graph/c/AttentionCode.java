package dev.lathe.graph.c;

import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.memory.DeploymentPlan.Region;
import dev.lathe.graph.memory.DeploymentPlan.Role;
import dev.lathe.graph.quant.FixedPoint;
import dev.lathe.graph.quant.IntegerOperator;
import dev.lathe.graph.quant.QuantizedGraph.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Self-attention as C: one head's keys and values at a time, one query row at a time; norm and shared factors of a token are
 * computed whenever the plan keeps no room for them.
 */
final class AttentionCode {
    /** The planner's phases, one step each. */
    private static final int SHARED = 0;

    private static final int KEYS = 1;
    private static final int QUERY = 2;
    private static final int ROW = 3;
    private static final int PROJECT = 4;

    private final Schedule schedule;
    private final Region region;
    private final List<Step> steps;
    private final Map<Integer, Step> byOutput = new HashMap<>();

    private @Nullable Step norm;
    private final List<Step> shared = new ArrayList<>();
    private final List<Step> project = new ArrayList<>();
    private int source;

    AttentionCode(Schedule schedule, Region region, List<Step> steps) {
        this.schedule = schedule;
        this.region = region;
        this.steps = steps;
        steps.forEach(s -> byOutput.put(s.output(), s));
    }

    void write() {
        Step attention = null;
        Step sum = null;
        for (Step s : steps) {
            if (s.operator() instanceof IntegerOperator.Attention) {
                attention = s;
            } else if (s.operator() instanceof IntegerOperator.Sum) {
                sum = s;
            } else if (!(s.operator() instanceof IntegerOperator.Weighted)
                    && !(s.operator() instanceof IntegerOperator.Norm)
                    && !(s.operator() instanceof IntegerOperator.Move)) {
                throw schedule.refuse(s, "in attention");
            }
        }
        if (attention == null || !(attention.operator() instanceof IntegerOperator.Attention a)) {
            throw schedule.refuse(steps.get(0), "in attention");
        }
        Step query = head(attention.inputs().get(0));
        Step key = head(attention.inputs().get(1));
        Step value = head(attention.inputs().get(2));
        upwards(query);
        List<Step> used = new ArrayList<>(List.of(query, key, value));
        used.addAll(shared);
        for (Step s : steps) {
            if (s.operator() instanceof IntegerOperator.Weighted && !used.contains(s)) {
                project.add(s);
            }
        }
        Node scores = schedule.node(attention);
        Shape q = scores.inputs().get(0).shape();
        Shape k = scores.inputs().get(1).shape();
        heads(attention, a, query, key, value, q, k);
        projection(sum, q.extent(1));
    }

    /** The linear layer behind the shape changes that lead to a tensor. */
    private Step head(int tensor) {
        Step s = byOutput.get(tensor);
        while (s != null && s.operator() instanceof IntegerOperator.Move) {
            s = byOutput.get(s.inputs().get(0));
        }
        if (s == null) {
            throw schedule.refuse(steps.get(0), "without linear layers of its own");
        }
        return s;
    }

    /** Follows the input of queries, keys and values up through shared factors and a norm. */
    private void upwards(Step query) {
        source = query.inputs().get(0);
        Step s = byOutput.get(source);
        while (s != null && s.operator() instanceof IntegerOperator.Weighted) {
            shared.add(0, s);
            source = s.inputs().get(0);
            s = byOutput.get(source);
        }
        if (s != null && s.operator() instanceof IntegerOperator.Norm) {
            norm = s;
            source = s.inputs().get(0);
        }
    }

    private String at(Role role, int tensor, int phase) {
        return schedule.places.at(role, tensor, region.firstStep() + phase);
    }

    private String linear(Step s) {
        return schedule.constants.linear(schedule.node(s), (IntegerOperator.Weighted) s.operator(), null);
    }

    private void heads(
            Step attention, IntegerOperator.Attention a, Step query, Step key, Step value, Shape q, Shape k) {
        Node scores = schedule.node(attention);
        int heads = q.extent(0);
        int tokens = q.extent(1);
        int d = q.extent(2);
        boolean single = k.extent(0) == 1 && heads > 1;
        int width = schedule.shape(attention.inputs().get(2)).extent(2);
        String att = schedule.constants.attention(scores, a);
        String table = schedule.constants.exponentials(FixedPoint.exponentials());
        String normed = norm == null
                ? null
                : schedule.constants.norm(schedule.node(norm), (IntegerOperator.Norm) norm.operator());
        String[] linears = {linear(query), linear(key), linear(value)};
        String mixed = at(Role.MIXED, joined(attention), ROW);
        String keys = at(Role.KEYS, scores.inputs().get(1).id(), KEYS);
        String values = at(Role.VALUES, -1, KEYS);
        String one = at(Role.QUERY, scores.inputs().get(0).id(), QUERY);
        String row = at(Role.SCORES, scores.output().id(), ROW);
        String factor = shared.isEmpty() ? null : factors(normed, tokens);
        schedule.line("  for (int h = 0; h < %d; h++) {", heads);
        schedule.line("    const lathe_lin q = lathe_slice(&%s, h * %d, %2$d);", linears[0], d);
        String which = single ? "0" : "h";
        schedule.line("    const lathe_lin k = lathe_slice(&%s, %s * %d, %3$d);", linears[1], which, d);
        schedule.line("    const lathe_lin v = lathe_slice(&%s, %s * %d, %3$d);", linears[2], which, width);
        if (factor != null) {
            int r = schedule.shape(query.inputs().get(0)).last();
            schedule.line(
                    "    %slathe_linear(&k, %s, %d, %s, %d, 0, 0);",
                    single ? "if (h == 0) " : "", factor, tokens, keys, d);
            schedule.line(
                    "    %slathe_linear(&v, %s, %d, %s, %d, 0, 0);",
                    single ? "if (h == 0) " : "", factor, tokens, values, width);
            schedule.line("    for (int t = 0; t < %d; t++) {", tokens);
            schedule.line("      lathe_linear(&q, %s + t * %d, 1, %s, %d, 0, 0);", factor, r, one, d);
        } else {
            schedule.line(
                    "    for (int t = 0; t < %s; t++) {", single ? "(h == 0 ? %d : 0)".formatted(tokens) : tokens);
            String token = token(normed, KEYS);
            schedule.line("      lathe_linear(&k, %s, 1, %s + t * %d, %3$d, 0, 0);", token, keys, d);
            schedule.line("      lathe_linear(&v, %s, 1, %s + t * %d, %3$d, 0, 0);", token, values, width);
            schedule.line("    }");
            schedule.line("    for (int t = 0; t < %d; t++) {", tokens);
            schedule.line("      lathe_linear(&q, %s, 1, %s, %d, 0, 0);", token(normed, QUERY), one, d);
        }
        String common = "&%s, %s, %s, %s, %s, %d, %d, %d, %s, %s + t * %d + h * %8$d"
                .formatted(att, table, one, keys, values, k.extent(1), d, width, row, mixed, heads * width);
        if (a.keys() == null && a.values() == null) {
            schedule.line("      lathe_attention(%s);", common);
        } else {
            schedule.line(
                    "      lathe_attention_near(%s, t, %s, %s);",
                    common, near(attention, a.keys(), true), near(attention, a.values(), false));
        }
        schedule.line("    }");
        schedule.line("  }");
    }

    /** Tables and scratch of relative positions. */
    private String near(Step attention, IntegerOperator.@Nullable Relative tables, boolean isKeys) {
        if (tables == null) {
            return "0, 0";
        }
        for (int i : attention.nodes()) {
            Node n = schedule.graph.nodes().get(i);
            if (isKeys ? n.op() instanceof Operator.RelativeKeys : n.op() instanceof Operator.RelativeValues) {
                return "&%s, %s"
                        .formatted(
                                schedule.constants.near(n, tables),
                                at(Role.RELATIVE, n.output().id(), ROW));
            }
        }
        throw new IllegalStateException("Attention has tables and no node of them");
    }

    /** The expression of a token after the norm, which is computed here if there is one. */
    private String token(@Nullable String normed, int phase) {
        String x = "%s + t * %d"
                .formatted(
                        schedule.places.tensor(source, region.firstStep()),
                        schedule.shape(source).last());
        if (normed == null || norm == null) {
            return x;
        }
        String token = at(Role.TOKEN, norm.output(), phase);
        schedule.line("      lathe_layernorm(&%s, %s, 1, %s);", normed, x, token);
        return token;
    }

    /** Computes the factors that queries, keys and values share, for all tokens; the expression of the last. */
    private String factors(@Nullable String normed, int tokens) {
        Step last = shared.get(shared.size() - 1);
        String all = at(Role.SHARED_FACTOR, last.output(), SHARED);
        List<String> names = new ArrayList<>();
        shared.forEach(s -> names.add(linear(s)));
        schedule.line("  for (int t = 0; t < %d; t++) {", tokens);
        String from = token(normed, SHARED);
        for (int i = 0; i < shared.size(); i++) {
            int width = schedule.shape(shared.get(i).output()).last();
            String to = shared.get(i) == last
                    ? "%s + t * %d".formatted(all, width)
                    : at(Role.TOKEN, shared.get(i).output(), SHARED);
            schedule.line("      lathe_linear(&%s, %s, 1, %s, %d, 0, 0);", names.get(i), from, to, width);
            from = to;
        }
        schedule.line("  }");
        return all;
    }

    /** The tensor of all heads' results, side by side. */
    private int joined(Step attention) {
        int t = attention.output();
        boolean found = true;
        while (found) {
            found = false;
            for (Step s : steps) {
                if (s.operator() instanceof IntegerOperator.Move && s.inputs().contains(t)) {
                    t = s.output();
                    found = true;
                    break;
                }
            }
        }
        return t;
    }

    private void projection(@Nullable Step sum, int tokens) {
        Step attention = project.get(0);
        int inner = schedule.shape(attention.inputs().get(0)).last();
        String from = at(Role.MIXED, attention.inputs().get(0), PROJECT);
        String out = schedule.places.at(Role.TENSOR, schedule.places.root(region.output()), region.lastStep());
        int width = schedule.shape(region.output()).last();
        List<String> names = new ArrayList<>();
        project.forEach(s -> names.add(linear(s)));
        String add = "0";
        String addend = "0";
        Step last = project.get(project.size() - 1);
        if (sum != null && sum.operator() instanceof IntegerOperator.Sum s) {
            boolean isLeft = sum.inputs().get(0) == last.output();
            add = "&" + schedule.constants.sum(schedule.node(sum), s, isLeft);
            addend = schedule.places.tensor(source, region.firstStep() + PROJECT);
        }
        if (project.size() == 1) {
            schedule.line(
                    "  lathe_linear(&%s, %s, %d, %s, %d, %s, %s);",
                    names.get(0), from, tokens, out, width, add, addend);
            return;
        }
        schedule.line("  for (int t = 0; t < %d; t++) {", tokens);
        String x = "%s + t * %d".formatted(from, inner);
        for (int i = 0; i < project.size(); i++) {
            Step s = project.get(i);
            boolean isLast = s == last;
            String to = isLast
                    ? "%s + t * %d".formatted(out, width)
                    : at(Role.TOKEN, schedule.node(s).output().id(), PROJECT);
            schedule.line(
                    "    lathe_linear(&%s, %s, 1, %s, %d, %s, %s);",
                    names.get(i),
                    x,
                    to,
                    schedule.shape(s.output()).last(),
                    isLast ? add : "0",
                    isLast && !addend.equals("0") ? "%s + t * %d".formatted(addend, width) : "0");
            x = to;
        }
        schedule.line("  }");
    }
}
