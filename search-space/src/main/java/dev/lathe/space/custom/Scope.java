package dev.lathe.space.custom;

import dev.lathe.base.Names;
import dev.lathe.space.TaskShape;
import dev.lathe.space.custom.ExpressionParser.BadExpression;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What names mean in one copy of a layer: its own decisions, then those of the groups around it, innermost first; {@code
 * index} and {@code NAME.index} of repetitions; {@code input.height} and so on; any decision by its full name.
 */
final class Scope implements ExpressionParser.Scope {
    private final @Nullable Scope outer;
    private final Map<String, Integer> everything;
    private final Map<String, Double> input;
    private final Map<String, Integer> own = new LinkedHashMap<>();
    private final @Nullable String repetition;
    private final int index;

    private Scope(
            @Nullable Scope outer,
            Map<String, Integer> everything,
            Map<String, Double> input,
            @Nullable String repetition,
            int index) {
        this.outer = outer;
        this.everything = everything;
        this.input = input;
        this.repetition = repetition;
        this.index = index;
    }

    static Scope of(TaskShape task) {
        Map<String, Double> input = new LinkedHashMap<>();
        input.put("input.channels", (double) task.channels());
        input.put("input.height", (double) task.height());
        input.put("input.width", (double) task.width());
        input.put("input.side", (double) Math.min(task.height(), task.width()));
        input.put("input.classes", (double) task.classes());
        return new Scope(null, new LinkedHashMap<>(), input, null, 0);
    }

    /** @param name of the repetition, null where there is none */
    Scope within(@Nullable String name, int copy) {
        return new Scope(this, everything, input, name, copy);
    }

    /** @return false if the full name is taken */
    boolean declare(String name, String fullName, int decision) {
        own.put(name, decision);
        return everything.putIfAbsent(fullName, decision) == null;
    }

    @Override
    public Expression resolve(String name) throws BadExpression {
        Double constant = input.get(name);
        if (constant != null) {
            return new Expression.Constant(constant, false);
        }
        for (Scope s = this; s != null; s = s.outer) {
            if (s.repetition != null && (name.equals("index") || name.equals(s.repetition + ".index"))) {
                return new Expression.Constant(s.index, false);
            }
            Integer d = s.own.get(name);
            if (d != null) {
                return new Expression.Variable(d);
            }
        }
        Integer d = everything.get(name);
        if (d != null) {
            return new Expression.Variable(d);
        }
        Set<String> known = new LinkedHashSet<>();
        for (Scope s = this; s != null; s = s.outer) {
            known.addAll(s.own.keySet());
            if (s.repetition != null) {
                known.add(s.repetition + ".index");
            }
        }
        known.addAll(input.keySet());
        String nearest = Names.nearest(name, known);
        throw new BadExpression("there is no decision '%s' here: %sknown are %s"
                .formatted(
                        Names.shown(name),
                        nearest == null ? "" : "did you mean '" + nearest + "'? ",
                        String.join(", ", known)));
    }
}
