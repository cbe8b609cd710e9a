package dev.lathe.space.custom;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.Decision;
import dev.lathe.space.TaskShape;
import dev.lathe.space.custom.Definition.DecisionText;
import dev.lathe.space.custom.Definition.LayerText;
import dev.lathe.space.custom.Definition.Text;
import dev.lathe.space.custom.ExpressionParser.BadExpression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns a definition into decisions, conditions and blocks for one task. First all decisions are declared, copy by copy; then the
 * conditions and parameters are compiled, which may name decisions further down the file.
 */
final class Compiler {
    private static final int MOST_COPIES = 1_000;
    private static final int MOST_LAYERS = 2_000;
    private static final int MOST_DECISIONS = 500;

    private final Source source;
    private final Scope top;
    private final List<Decision> decisions = new ArrayList<>();
    private final List<List<Guard>> guards = new ArrayList<>();
    private final List<PendingDecision> pending = new ArrayList<>();
    private final List<Instance> instances = new ArrayList<>();
    private final Map<String, Instance> byName = new HashMap<>();

    /** A decision whose own condition is not compiled yet. */
    private record PendingDecision(
            DecisionText text, Scope scope, @Nullable Instance owner) {}

    /**
     * What a definition means for a task.
     *
     * @param guards the conditions of each decision
     * @param layers the layers and groups in order
     * @param texts where each decision stands in the file
     * @param peaks choices that make some number of a layer largest, where these are not the last choices
     * @param together decisions that some number of a layer is computed from, where there are several
     */
    record Compiled(
            List<Decision> decisions,
            List<List<Guard>> guards,
            List<Instance> layers,
            List<DecisionText> texts,
            List<Peak> peaks,
            List<int[]> together) {}

    /** Choices of some decisions. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Peak(int[] decisions, int[] choices) {}

    private Compiler(Definition definition, TaskShape task) {
        this.source = definition.source();
        this.top = Scope.of(task);
    }

    /** @throws InvalidInputException naming file, line and key */
    static Compiled compile(Definition definition, TaskShape task) {
        Compiler c = new Compiler(definition, task);
        for (Text t : definition.requires()) {
            Expression e = c.parse(t, c.top);
            if (!e.isCondition() || !(e instanceof Expression.Constant k)) {
                throw c.source.error(
                        t.line(),
                        t.key(),
                        "'%s' is no condition on the input; write for example input.side >= 8"
                                .formatted(Names.shown(t.text())));
            }
            if (k.number() == 0) {
                throw c.source.error(
                        t.line(),
                        t.key(),
                        "%s takes only inputs with %s, not %d x %d pixels in %d channels; set imageSize"
                                .formatted(definition.name(), t.text(), task.height(), task.width(), task.channels()));
            }
        }
        c.declare(definition.decisions(), c.top, "", null);
        List<Instance> layers = c.expand(definition.layers(), c.top, "", null);
        c.compileConditions();
        BlockCompiler blocks = new BlockCompiler(c, task);
        for (Instance i : c.instances) {
            if (i.text.type() != null) {
                i.block = blocks.compile(i);
            }
        }
        return new Compiled(
                List.copyOf(c.decisions),
                List.copyOf(c.guards),
                layers,
                c.pending.stream().map(PendingDecision::text).toList(),
                blocks.peaks(),
                blocks.together());
    }

    private void declare(List<DecisionText> texts, Scope scope, String prefix, @Nullable Instance owner) {
        for (DecisionText t : texts) {
            double[] values = new double[t.choices().size()];
            for (int i = 0; i < values.length; i++) {
                Text choice = t.choices().get(i);
                Expression e = parse(choice, scope);
                if (e.isCondition() || !(e instanceof Expression.Constant k) || !Double.isFinite(k.number())) {
                    throw source.error(
                            choice.line(),
                            choice.key(),
                            "choice '%s' is no number; write numbers, or expressions over input and index"
                                    .formatted(Names.shown(choice.text())));
                }
                values[i] = k.number();
                if (i > 0 && !(values[i - 1] < values[i])) {
                    throw source.error(
                            choice.line(),
                            choice.key(),
                            "the choices are unsorted or repeated: %s follows %s; list each value once, smallest first"
                                    .formatted(shown(values[i]), shown(values[i - 1])));
                }
            }
            if (decisions.size() == MOST_DECISIONS) {
                throw source.error(
                        t.line(), t.key(), "there are more than %d decisions; repeat less".formatted(MOST_DECISIONS));
            }
            if (!scope.declare(t.name(), prefix + t.name(), decisions.size())) {
                throw source.error(
                        t.line(), t.key(), "two decisions claim the name %s; rename one".formatted(prefix + t.name()));
            }
            decisions.add(Decision.of(prefix + t.name(), values));
            guards.add(new ArrayList<>());
            pending.add(new PendingDecision(t, scope, owner));
        }
    }

    private List<Instance> expand(List<LayerText> layers, Scope scope, String prefix, @Nullable Instance parent) {
        List<Instance> all = new ArrayList<>();
        for (LayerText l : layers) {
            Text repeat = l.repeat();
            if (repeat == null) {
                all.add(expandOne(l, scope.within(null, 0), prefix + l.name(), parent));
                continue;
            }
            refuseOwnDecision(l, repeat, scope);
            Expression count = parse(repeat, scope);
            Ranges.Range range = Ranges.of(count, decisions, source, repeat);
            if (count.isCondition() || !range.whole() || range.least() < 0 || range.most() < 1) {
                throw source.error(
                        repeat.line(),
                        repeat.key(),
                        "'%s' is no number of copies; give a whole number, or a decision of whole numbers"
                                .formatted(Names.shown(repeat.text())));
            }
            if (range.most() > MOST_COPIES) {
                throw source.error(
                        repeat.line(),
                        repeat.key(),
                        "%s copies are too many; at most %d".formatted(shown(range.most()), MOST_COPIES));
            }
            for (int i = 0; i < range.most(); i++) {
                Instance copy = expandOne(l, scope.within(l.name(), i), prefix + l.name() + i, parent);
                if (i >= range.least()) {
                    copy.guards.add(Guard.of(
                            Expression.apply(
                                    Expression.Function.GREATER, List.of(count, new Expression.Constant(i, false))),
                            repeat));
                }
                all.add(copy);
            }
        }
        return all;
    }

    /** A count that only its own copies decide would be a circle. */
    private void refuseOwnDecision(LayerText l, Text repeat, Scope scope) {
        for (DecisionText d : l.decisions()) {
            if (repeat.text().equals(d.name())) {
                try {
                    scope.resolve(d.name());
                } catch (BadExpression e) {
                    throw source.error(
                            repeat.line(),
                            repeat.key(),
                            "decision '%s' is there only in the copies that it counts, a circle; move it to the group around"
                                    .formatted(d.name()));
                }
            }
        }
    }

    private Instance expandOne(LayerText l, Scope scope, String name, @Nullable Instance parent) {
        if (instances.size() == MOST_LAYERS) {
            throw source.error(l.line(), l.key(), "there are more than %d layers; repeat less".formatted(MOST_LAYERS));
        }
        Instance instance = new Instance(l, name, scope, parent);
        Instance other = byName.put(name, instance);
        if (other != null) {
            throw source.error(
                    l.line(),
                    l.key(),
                    "two layers claim the name %s, this one and that of line %d, so their conditions would overlap; rename one"
                            .formatted(name, other.text.line()));
        }
        instances.add(instance);
        declare(l.decisions(), scope, name + ".", instance);
        instance.children.addAll(expand(l.layers(), scope, name + ".", instance));
        return instance;
    }

    private void compileConditions() {
        for (Instance i : instances) {
            Text when = i.text.when();
            if (when != null) {
                i.guards.add(condition(when, i.scope));
            }
        }
        for (int d = 0; d < decisions.size(); d++) {
            PendingDecision p = pending.get(d);
            if (p.owner() != null) {
                guards.get(d).addAll(p.owner().allGuards());
            }
            Text when = p.text().when();
            if (when != null) {
                guards.get(d).add(condition(when, p.scope()));
            }
            // Constant conditions hold always or never; those that hold say nothing.
            guards.get(d).removeIf(g -> g.condition() instanceof Expression.Constant k && k.number() != 0);
        }
    }

    private Guard condition(Text when, Scope scope) {
        Expression e = parse(when, scope);
        if (!e.isCondition()) {
            throw source.error(
                    when.line(),
                    when.key(),
                    "'%s' is a number, not a condition; write for example depth > 2"
                            .formatted(Names.shown(when.text())));
        }
        Ranges.of(e, decisions, source, when);
        return Guard.of(e, when);
    }

    Expression parse(Text t, Scope scope) {
        try {
            return ExpressionParser.parse(t.text(), scope);
        } catch (BadExpression e) {
            throw source.error(t.line(), t.key(), String.valueOf(e.getMessage()));
        }
    }

    Source source() {
        return source;
    }

    List<Decision> decisions() {
        return decisions;
    }

    static String shown(double v) {
        return v == Math.rint(v) && Math.abs(v) < 1e15 ? Long.toString((long) v) : Double.toString(v);
    }
}
