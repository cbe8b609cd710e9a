package dev.lathe.graph.c;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Shape;
import dev.lathe.graph.memory.DeploymentOptions;
import dev.lathe.graph.memory.DeploymentPlan;
import dev.lathe.graph.memory.DeploymentPlanner;
import dev.lathe.graph.memory.Technique;
import dev.lathe.graph.quant.QuantizedGraph;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Writes a quantized network as self-contained C99: constants for flash, one static arena laid out by the memory planner, and
 * one function that runs the planner's schedule. No heap, no library; the kernels are {@link CFiles#kernels}. The same network
 * gives the same text.
 *
 * <p>The code's results are those of {@link dev.lathe.graph.quant.IntegerExecutor} to the last bit: a schedule changes where
 * and when a number is computed, never which.
 */
public final class CWriter {
    private static final Pattern IDENTIFIER = Pattern.compile("[a-z][a-z0-9_]{0,39}");

    private CWriter() {}

    /**
     * The schedules that the writer knows without patches: all of the planner's but recomputed factors. Regions are
     * kept, because integers of folded operators, and of attention, exist in these forms only.
     */
    public static DeploymentOptions options() {
        return patches().without(Technique.PATCH_STAGES);
    }

    /** The same with the first layers patch by patch. */
    private static DeploymentOptions patches() {
        return DeploymentOptions.int8().without(Technique.FACTOR_RECOMPUTATION).withRegionsKept(true);
    }

    /**
     * The schedule of the C: layer by layer where that fits, for patches compute their halos again; else with the fewest of these
     * among the schedules that fit; where none fits, the one with the smallest arena.
     *
     * @param arenaLimitBytes room for the arena; 0 where it is not scarce
     */
    public static DeploymentPlan plan(Graph graph, long arenaLimitBytes) {
        DeploymentPlan whole = DeploymentPlanner.plan(graph, options());
        if (arenaLimitBytes == 0 || whole.peakSramBytes() <= arenaLimitBytes) {
            return whole;
        }
        DeploymentPlan inPatches = DeploymentPlanner.plan(graph, patches().withSramLimit(arenaLimitBytes));
        return inPatches.peakSramBytes() < whole.peakSramBytes() ? inPatches : whole;
    }

    /** Writes a network for a device whose RAM is not scarce. */
    public static CModel write(QuantizedGraph network, String name, Map<String, String> notes) {
        return write(network, name, notes, 0);
    }

    /**
     * @param name prefix of functions and files: a C identifier in lower case
     * @param notes what to know of the network, written as comments
     * @param arenaLimitBytes room for the arena, by which the schedule is chosen; 0 where it is not scarce
     * @throws InvalidInputException if the name is no identifier, or naming the first node that has no form in C
     */
    public static CModel write(QuantizedGraph network, String name, Map<String, String> notes, long arenaLimitBytes) {
        if (!IDENTIFIER.matcher(name).matches()) {
            throw new InvalidInputException(
                    "'%s' cannot be the name of C functions; give letters a-z, digits and _, a letter first"
                            .formatted(dev.lathe.base.Names.shown(name)));
        }
        Graph graph = network.graph();
        DeploymentPlan plan = plan(graph, arenaLimitBytes);
        Constants constants = new Constants();
        String schedule = new Schedule(network, plan, constants).text();
        Map<String, String> files = new LinkedHashMap<>();
        files.put(name + ".h", header(network, plan, name, notes));
        files.put(
                name + "_data.h",
                "/* Constants of %s, in flash. */\n#include \"lathe_ops.h\"\n\n%s".formatted(name, constants.text()));
        files.put(name + ".c", source(name, schedule));
        return new CModel(name, network, plan, files, constants.bytes());
    }

    private static String header(QuantizedGraph network, DeploymentPlan plan, String name, Map<String, String> notes) {
        Graph graph = network.graph();
        Shape in = graph.inputs().get(0).shape();
        String upper = name.toUpperCase(java.util.Locale.ROOT);
        StringBuilder text = new StringBuilder("/* A network written by Lathe.\n");
        notes.forEach((k, v) -> text.append(" * %s: %s\n".formatted(CText.comment(k), CText.comment(v))));
        text.append("""
                 *
                 * Input: 8-bit numbers q = round(x / %1$s_INPUT_SCALE) + %1$s_INPUT_ZERO, clamped to -128..127,
                 * %2$s.
                 * Logits: 16-bit numbers, real value = q * %1$s_LOGIT_SCALE; of equal ones the first counts. */
                #ifndef %1$s_H
                #define %1$s_H
                #include <stdint.h>

                #define %1$s_INPUTS %3$d
                #define %1$s_CLASSES %4$d
                #define %1$s_ARENA %5$d
                #define %1$s_INPUT_SCALE %6$s
                #define %1$s_INPUT_ZERO %7$d
                #define %1$s_LOGIT_SCALE %8$s

                /* All RAM it uses besides the stack; shared by nobody while it runs. */
                extern int8_t %9$s_arena[%1$s_ARENA];
                void %9$s_run(const int8_t *input, int16_t *logits);
                #endif
                """.formatted(
                upper,
                in.rank() == 3
                        ? "(row, column, channel) of %d x %d x %d".formatted(in.extent(1), in.extent(2), in.extent(0))
                        : "in the order of " + in,
                in.elements(),
                graph.output().shape().elements(),
                plan.peakSramBytes(),
                network.input().scale(),
                network.input().zeroPoint(),
                network.logits().scale(),
                name));
        return text.toString();
    }

    private static String source(String name, String schedule) {
        return """
               #include "%1$s.h"
               #include "%1$s_data.h"

               #if defined(__GNUC__)
               __attribute__((aligned(8), section(".bss.arena")))
               #endif
               int8_t %1$s_arena[%2$s_ARENA];

               void %1$s_run(const int8_t *input, int16_t *logits) {
                 int8_t *const arena = %1$s_arena;
               %3$s}
               """.formatted(name, name.toUpperCase(java.util.Locale.ROOT), schedule);
    }
}
