package dev.lathe.graph.c;

import dev.lathe.graph.memory.DeploymentPlan.Region;
import dev.lathe.graph.memory.DeploymentPlan.Role;
import dev.lathe.graph.quant.IntegerOperator;
import dev.lathe.graph.quant.QuantizedGraph.Step;
import java.util.List;

/** A chain of per-token operators as C, a few tokens at a time. */
final class TokenTileCode {
    private final Schedule schedule;
    private final Region region;
    private final List<Step> steps;

    TokenTileCode(Schedule schedule, Region region, List<Step> steps) {
        this.schedule = schedule;
        this.region = region;
        this.steps = steps;
    }

    void write() {
        Step first = steps.get(0);
        int x = first.inputs().get(0);
        int tokens = schedule.shape(x).extent(0);
        int tile = region.tileTokens();
        String source = "%s + t * %d"
                .formatted(
                        schedule.places.tensor(x, region.firstStep()),
                        schedule.shape(x).last());
        String target = "%s + t * %d"
                .formatted(
                        schedule.places.at(Role.TENSOR, schedule.places.root(region.output()), region.lastStep()),
                        schedule.shape(region.output()).last());
        int rows = 0;
        for (Step s : steps) {
            rows += makesRows(s) ? 1 : 0;
        }
        schedule.line("  for (int t = 0; t < %d; t += %d) {", tokens, tile);
        schedule.line("    const int n = %d - t < %d ? %1$d - t : %2$d;", tokens, tile);
        String from = source;
        int phase = 0;
        for (int i = 0; i < steps.size(); i++) {
            Step s = steps.get(i);
            if (!makesRows(s)) {
                throw schedule.refuse(s, "in a chain of linear layers");
            }
            boolean isLast = phase + 1 == rows;
            String to = isLast
                    ? target
                    : schedule.places.at(Role.TILE, schedule.node(s).output().id(), region.firstStep() + phase);
            i += step(i, from, to, source);
            from = to;
            phase++;
        }
        schedule.line("  }");
    }

    private static boolean makesRows(Step s) {
        return s.operator() instanceof IntegerOperator.Norm || s.operator() instanceof IntegerOperator.Weighted;
    }

    /** Writes the i-th step with what goes with it; how many steps that were. */
    private int step(int i, String from, String to, String source) {
        Step s = steps.get(i);
        int more = 0;
        int width = schedule.shape(s.output()).last();
        if (s.operator() instanceof IntegerOperator.Norm n) {
            schedule.line(
                    "    lathe_layernorm(&%s, %s, n, %s);", schedule.constants.norm(schedule.node(s), n), from, to);
        } else if (s.operator() instanceof IntegerOperator.Weighted w) {
            IntegerOperator.Lookup lut = Schedule.lookupAfter(steps, i);
            more = lut == null ? 0 : 1;
            String l = schedule.constants.linear(schedule.node(s), w, lut);
            String sum = "0";
            String addend = "0";
            int next = i + more + 1;
            if (next < steps.size() && steps.get(next).operator() instanceof IntegerOperator.Sum a) {
                boolean isLeft =
                        steps.get(next).inputs().get(0) == steps.get(next - 1).output();
                sum = "&" + schedule.constants.sum(schedule.node(steps.get(next)), a, isLeft);
                addend = source;
                more++;
            }
            schedule.line("    lathe_linear(&%s, %s, n, %s, %d, %s, %s);", l, from, to, width, sum, addend);
        }
        while (i + more + 1 < steps.size() && steps.get(i + more + 1).operator() instanceof IntegerOperator.Lookup l) {
            more++;
            String table = schedule.constants.bytes(schedule.node(steps.get(i + more)), "lut", l.values());
            schedule.line("    lathe_lookup(%s, %s, n * %d, %2$s);", table, to, width);
        }
        return more;
    }
}
