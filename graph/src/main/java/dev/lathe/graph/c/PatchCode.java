package dev.lathe.graph.c;

import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.graph.memory.DeploymentPlan.Buffer;
import dev.lathe.graph.memory.DeploymentPlan.PatchStage;
import dev.lathe.graph.memory.DeploymentPlan.Region;
import dev.lathe.graph.memory.DeploymentPlan.Role;
import dev.lathe.graph.memory.PatchGeometry;
import dev.lathe.graph.quant.IntegerOperator;
import dev.lathe.graph.quant.QuantizedGraph.Step;
import java.util.List;

/**
 * The first regions of a network as C that runs them patch by patch. A tensor's part that a patch needs lies by itself in the
 * tensor's buffer, and each layer runs on such parts as on small images; the last one puts its rows into the whole result.
 *
 * <p>A layer takes its part in one go, unless it must go row by row: where its result is whole, and where what it reads pixel by
 * pixel has more pixels than its result, because another layer needs a wider halo of it.
 */
final class PatchCode {
    private final Schedule schedule;
    private final PatchStage stage;
    private final List<Region> regions;

    PatchCode(Schedule schedule, PatchStage stage, List<Region> regions) {
        this.schedule = schedule;
        this.stage = stage;
        this.regions = regions;
    }

    void write() {
        int n = stage.grid();
        Step first = schedule.steps(regions.get(0)).get(0);
        Buffer image = schedule.places.find(Role.TILE, 0, 0);
        if (image == null) {
            throw schedule.refuse(first, "in patches, unless the image is read in patches");
        }
        Shape in = schedule.shape(0);
        schedule.line("  for (int patch = 0; patch < %d; patch++) {", n * n);
        schedule.line("    const int r = patch / %d, c = patch %% %1$d;", n);
        part(0);
        for (Region r : regions) {
            part(root(r.output()));
        }
        schedule.line("    lathe_crop(input, %d, %d, p0, %s);", in.extent(2), in.extent(0), Places.expression(image));
        for (Region r : regions) {
            schedule.say("  ", r);
            new Layer(r).write();
        }
        schedule.line("  }");
    }

    private int root(int tensor) {
        return schedule.places.root(tensor);
    }

    private void part(int tensor) {
        String bands = schedule.constants.bands(tensor, stage.geometry(), stage.grid());
        schedule.line("    const lathe_part p%d = lathe_part_of(%s, %d, r, c);", tensor, bands, stage.grid());
    }

    /** Whether patches need the same parts of two tensors. */
    private boolean isAlike(int a, int b) {
        PatchGeometry g = stage.geometry();
        for (int i = 0; i < stage.grid(); i++) {
            if (g.rowFrom(a, i) != g.rowFrom(b, i)
                    || g.rowEnd(a, i) != g.rowEnd(b, i)
                    || g.columnFrom(a, i) != g.columnFrom(b, i)
                    || g.columnEnd(a, i) != g.columnEnd(b, i)) {
                return false;
            }
        }
        return true;
    }

    /** One region of the stage. */
    private final class Layer {
        private final Region region;
        private final List<Step> steps;
        private final Step main;
        private final int output;
        private final int channels;
        private final boolean isWhole;
        private final boolean byRows;
        /** What it makes at once: the patch's part, or a row of it. */
        private final String part;

        private final String to;

        Layer(Region region) {
            this.region = region;
            steps = schedule.steps(region);
            main = steps.get(0);
            output = root(region.output());
            channels = schedule.shape(output).extent(0);
            isWhole = region == regions.get(regions.size() - 1);
            byRows = isWhole || readsMore();
            part = byRows ? "row" : "p" + output;
            to = byRows ? "to" : buffer(output, isWhole);
        }

        /** Whether a tensor that is read pixel by pixel has a wider part than the result. */
        private boolean readsMore() {
            boolean more = false;
            for (Step s : steps) {
                boolean window = s == main && (node(s).op() instanceof Operator.Pool2d || isWindow(s));
                for (int t : s.inputs()) {
                    boolean ours = t == main.output() || steps.stream().anyMatch(o -> o.output() == t);
                    more |= !window && !ours && !isAlike(root(t), output);
                }
            }
            return more;
        }

        private boolean isWindow(Step s) {
            return node(s).op() instanceof Operator.Conv2d c && !c.isPointwise();
        }

        private Node node(Step s) {
            return schedule.node(s);
        }

        private String buffer(int tensor, boolean whole) {
            int step = tensor == output ? region.lastStep() : region.firstStep();
            return schedule.places.at(whole ? Role.TENSOR : Role.TILE, tensor, step);
        }

        /** The values of a tensor that belong to what is made at once, pixel by pixel. */
        private String pixels(int tensor) {
            int t = root(tensor);
            String at = buffer(t, false);
            return byRows
                    ? "lathe_at(%s, p%d, %d, y, p%d.x0)"
                            .formatted(at, t, schedule.shape(t).extent(0), output)
                    : at;
        }

        private String count() {
            return "lathe_pixels(%s)".formatted(part);
        }

        private void line(String format, Object... values) {
            schedule.line((byRows ? "      " : "    ") + format, values);
        }

        void write() {
            if (byRows) {
                Shape whole = schedule.shape(output);
                schedule.line("    for (int y = p%d.y0; y < p%1$d.y1; y++) {", output);
                line("const lathe_part row = {(int16_t)y, (int16_t)(y + 1), p%d.x0, p%1$d.x1};", output);
                if (isWhole) {
                    line("const lathe_part whole = {0, %d, 0, %d};", whole.extent(1), whole.extent(2));
                }
                line(
                        "int8_t *const to = lathe_at(%s, %s, %d, y, p%d.x0);",
                        buffer(output, isWhole), isWhole ? "whole" : "p" + output, channels, output);
            }
            int done = main.operator() instanceof IntegerOperator.Weighted w ? weighted(w) : other();
            for (Step s : steps.subList(done, steps.size())) {
                inPlace(s);
            }
            if (byRows) {
                schedule.line("    }");
            }
        }

        /** A weighted sum with what is added to it; how many steps that were. */
        private int weighted(IntegerOperator.Weighted w) {
            IntegerOperator.Lookup lut = Schedule.lookupAfter(steps, 0);
            int i = lut == null ? 1 : 2;
            String sum = "0";
            String addend = "0";
            if (i < steps.size() && steps.get(i).operator() instanceof IntegerOperator.Sum s) {
                Step add = steps.get(i);
                boolean isLeft = add.inputs().get(0) == steps.get(i - 1).output();
                sum = "&" + schedule.constants.sum(node(add), s, isLeft);
                addend = pixels(add.inputs().get(isLeft ? 1 : 0));
                i++;
            }
            int in = root(main.inputs().get(0));
            if (w.high() > Byte.MAX_VALUE
                    || (node(main).op() instanceof Operator.Conv2d c && c.kernelY() > Schedule.MOST_ROWS)) {
                throw schedule.refuse(main, "of this kind in patches");
            }
            if (node(main).op() instanceof Operator.Conv2d c && c.isPointwise()) {
                String l = schedule.constants.linear(node(main), w, lut);
                line("lathe_linear(&%s, %s, %s, %s, %d, %s, %s);", l, pixels(in), count(), to, channels, sum, addend);
                return i;
            }
            String call = "lathe_conv2d(&k, %s, %s, %s, %s)".formatted(buffer(in, false), to, sum, addend);
            if (!(node(main).op() instanceof Operator.Conv2d c) || (c.isDepthwise() && channels == c.groups())) {
                call = "lathe_depthwise(&k, %s, %s, %s, %s, %s)"
                        .formatted(buffer(in, false), to, scratch(), sum, addend);
            } else if (c.groups() > 1) {
                call = call.replace("lathe_conv2d", "lathe_grouped");
            }
            layer("conv", schedule.constants.conv(node(main), w, lut), "p" + in, call);
            return i;
        }

        /** A layer on parts. */
        private void layer(String kind, String layer, String in, String call) {
            line("{");
            line("  const lathe_%s k = lathe_%1$s_part(&%s, %s, %s);", kind, layer, in, part);
            line("  %s;", call);
            line("}");
        }

        private String scratch() {
            Buffer b = schedule.places.find(Role.SCRATCH, output, region.firstStep());
            if (b != null && byRows) {
                throw schedule.refuse(main, "in place row by row");
            }
            return b == null ? "0" : Places.expression(b);
        }

        private int other() {
            int in = root(main.inputs().get(0));
            if (main.operator() instanceof IntegerOperator.Sum s) {
                String sum = schedule.constants.sum(node(main), s, false);
                String left = pixels(in);
                String right = pixels(main.inputs().get(1));
                line("lathe_add(&%s, %s, %s, %s * %d, %s);", sum, left, right, count(), channels, to);
            } else if (main.operator() instanceof IntegerOperator.Lookup l) {
                lookup(main, l, pixels(in));
            } else if (node(main).op() instanceof Operator.Pool2d) {
                String call = "lathe_pool2d(&k, %s, %s, %s)".formatted(buffer(in, false), to, scratch());
                layer("pool", schedule.constants.pool(node(main), main.operator()), "p" + in, call);
            } else {
                throw schedule.refuse(main, "in patches");
            }
            return 1;
        }

        private void lookup(Step s, IntegerOperator.Lookup l, String from) {
            String table = schedule.constants.bytes(node(s), "lut", l.values());
            line("lathe_lookup(%s, %s, %s * %d, %s);", table, from, count(), channels, to);
        }

        /** What is done to each value of the result by itself. */
        private void inPlace(Step s) {
            if (s.operator() instanceof IntegerOperator.Lookup l) {
                lookup(s, l, to);
            } else if (s.operator() instanceof IntegerOperator.Weighted w
                    && !(node(s).op() instanceof Operator.Conv2d)
                    && !(node(s).op() instanceof Operator.Linear)) {
                String call = "lathe_depthwise(&k, %s, %1$s, 0, 0, 0)".formatted(to);
                layer("conv", schedule.constants.conv(node(s), w, null), part, call);
            } else {
                throw schedule.refuse(s, "in patches after " + node(main).op().type());
            }
        }
    }
}
