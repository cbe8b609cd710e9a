package dev.lathe.space.custom;

import dev.lathe.base.Names;
import dev.lathe.graph.Activation;
import dev.lathe.space.TaskShape;
import dev.lathe.space.custom.Definition.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Compiles a layer's parameters and checks what each may be, over all choices. */
final class BlockCompiler {
    /** No channel, unit or ratio is larger: a network of such layers fits no memory anyway. */
    private static final int MOST = 1_000_000;

    private final Compiler compiler;
    private final TaskShape task;
    private final List<Compiler.Peak> peaks = new ArrayList<>();
    private final List<int[]> together = new ArrayList<>();

    BlockCompiler(Compiler compiler, TaskShape task) {
        this.compiler = compiler;
        this.task = task;
    }

    List<Compiler.Peak> peaks() {
        return List.copyOf(peaks);
    }

    List<int[]> together() {
        return List.copyOf(together);
    }

    Block compile(Instance i) {
        String n = i.name;
        return switch (Objects.requireNonNull(i.text.type())) {
            case CONV ->
                new ImageBlocks.Conv(
                        n,
                        width(i, "outputs"),
                        whole(i, "kernel", true),
                        whole(i, "stride", false),
                        word(i, "norm").equals("batch"),
                        activation(i));
            case DEPTHWISE ->
                new ImageBlocks.Depthwise(n, whole(i, "kernel", true), whole(i, "stride", false), activation(i));
            case INVERTED_RESIDUAL ->
                new ImageBlocks.InvertedResidual(
                        n,
                        width(i, "outputs"),
                        whole(i, "kernel", true),
                        number(i, "expand", Double.MIN_VALUE, MOST),
                        whole(i, "stride", false),
                        number(i, "squeeze-excitation", 0, 1),
                        activation(i),
                        word(i, "residual").equals("true"));
            case BOTTLENECK ->
                new ImageBlocks.Bottleneck(
                        n,
                        width(i, "outputs"),
                        width(i, "middle"),
                        whole(i, "kernel", true),
                        whole(i, "stride", false),
                        activation(i));
            case POOL ->
                new ImageBlocks.Pool(
                        n,
                        word(i, "kind"),
                        whole(i, "kernel", false),
                        whole(i, "stride", false),
                        constant(i, "padding", 0));
            case LINEAR ->
                new TokenBlocks.Linear(n, width(i, "outputs"), word(i, "bias").equals("true"), activation(i));
            case PATCH_EMBEDDING -> new TokenBlocks.PatchEmbedding(n, width(i, "outputs"), whole(i, "size", false));
            case TRANSFORMER ->
                new TokenBlocks.Transformer(
                        n,
                        whole(i, "heads", false),
                        constant(i, "head-width", 1),
                        number(i, "mlp", Double.MIN_VALUE, MOST),
                        i.text.parameters().containsKey("rank") ? number(i, "rank", Double.MIN_VALUE, 1) : null,
                        activation(i));
            case LAYER_NORM -> new TokenBlocks.LayerNorm(n);
            case CLASSIFIER -> new TokenBlocks.Classifier(task.classes());
        };
    }

    private static Text text(Instance i, String key) {
        return Objects.requireNonNull(i.text.parameters().get(key), key);
    }

    private static String word(Instance i, String key) {
        return text(i, key).text();
    }

    private static @Nullable Activation activation(Instance i) {
        String word = word(i, "activation");
        return word.equals("none")
                ? null
                : Activation.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    private Expression number(Instance i, String key, double least, double most) {
        Text t = text(i, key);
        Expression e = parse(i, t);
        Ranges.Range r = range(e, t);
        if (r.least() < least || r.most() > most) {
            throw compiler.source()
                    .error(
                            t.line(),
                            t.key(),
                            "'%s' reaches %s; it must be %s and at most %s"
                                    .formatted(
                                            Names.shown(t.text()),
                                            Compiler.shown(r.least() < least ? r.least() : r.most()),
                                            least > 0 ? "above 0" : "at least 0",
                                            Compiler.shown(most)));
        }
        return e;
    }

    private Whole whole(Instance i, String key, boolean odd) {
        Text t = text(i, key);
        Expression e = parse(i, t);
        Ranges.Range r = range(e, t);
        if (!r.whole() || r.least() < 1 || r.most() > MOST) {
            throw compiler.source()
                    .error(
                            t.line(),
                            t.key(),
                            "'%s' is not a whole number from 1 to %d for every choice; use round(…) or other choices"
                                    .formatted(Names.shown(t.text()), MOST));
        }
        if (odd && !r.odd()) {
            throw compiler.source()
                    .error(
                            t.line(),
                            t.key(),
                            "'%s' is even for some choice; kernels are odd, so that a small one is the middle of a large one"
                                    .formatted(Names.shown(t.text())));
        }
        return new Whole(e, 1, (int) r.most());
    }

    private Whole width(Instance i, String key) {
        Text t = text(i, key);
        int divisor = i.text.parameters().containsKey("divisor") ? constant(i, "divisor", 1) : 1;
        Expression e = parse(i, t);
        Ranges.Range r = range(e, t);
        if (!(r.least() > 0) || r.most() > MOST) {
            throw compiler.source()
                    .error(
                            t.line(),
                            t.key(),
                            "'%s' reaches a width of %s; widths are above 0 and at most %d"
                                    .formatted(
                                            Names.shown(t.text()),
                                            Compiler.shown(r.least() > 0 ? r.most() : r.least()),
                                            MOST));
        }
        return new Whole(e, divisor, Whole.of(r.most(), divisor));
    }

    private int constant(Instance i, String key, int least) {
        Text t = text(i, key);
        Expression e = parse(i, t);
        if (e.isCondition()
                || !(e instanceof Expression.Constant k)
                || k.number() != Math.rint(k.number())
                || k.number() < least
                || k.number() > MOST) {
            throw compiler.source()
                    .error(
                            t.line(),
                            t.key(),
                            "'%s' is not a whole number from %d to %d that is the same in every network; write one"
                                    .formatted(Names.shown(t.text()), least, MOST));
        }
        return (int) k.number();
    }

    private Expression parse(Instance i, Text t) {
        Expression e = compiler.parse(t, i.scope);
        if (e.isCondition()) {
            throw compiler.source()
                    .error(
                            t.line(),
                            t.key(),
                            "'%s' is a condition, not a number; write for example if(%s, 2, 1)"
                                    .formatted(Names.shown(t.text()), Names.shown(t.text())));
        }
        return e;
    }

    private Ranges.Range range(Expression e, Text t) {
        Ranges.Range r = Ranges.of(e, compiler.decisions(), compiler.source(), t);
        int[] used = e.decisions();
        if (used.length > 1 && together.stream().noneMatch(other -> Arrays.equals(other, used))) {
            together.add(used);
        }
        for (int i = 0; i < used.length; i++) {
            if (r.best()[i] != compiler.decisions().get(used[i]).size() - 1) {
                peaks.add(new Compiler.Peak(used, r.best()));
                break;
            }
        }
        return r;
    }
}
