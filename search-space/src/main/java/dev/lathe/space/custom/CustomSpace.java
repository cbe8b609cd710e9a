package dev.lathe.space.custom;

import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Tensor;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.TaskShape;
import java.math.BigInteger;
import java.util.List;

/**
 * A space of image classifiers that a YAML file describes. Weights are shared by leading channels and the middle of the largest
 * kernel. It keeps the laws of every space: {@link SpaceLaws} checks when it is made that different choices make different
 * networks, as far as trying can show.
 */
public final class CustomSpace implements SearchSpace {
    private final Definition definition;
    private final TaskShape task;
    private final List<Decision> decisions;
    private final List<Instance> layers;
    private final Activity activity;
    private final BigInteger size;
    private final SpaceLaws.Extremes extremes;

    CustomSpace(Definition definition, TaskShape task) {
        this.definition = definition;
        this.task = task;
        Compiler.Compiled compiled = Compiler.compile(definition, task);
        this.decisions = compiled.decisions();
        this.layers = compiled.layers();
        Source source = definition.source();
        if (decisions.stream().allMatch(d -> d.size() == 1)) {
            throw source.error(1, "decisions", "there is nothing to choose; give a decision two choices");
        }
        this.activity = new Activity(source, compiled);
        try {
            this.size = new SizeCounter(decisions, compiled.guards()).count();
        } catch (ArithmeticException e) {
            throw source.error(
                    1, "decisions", "the conditions tie too many decisions together to count the networks; use fewer");
        }
        this.extremes = new SpaceLaws(this, activity, compiled, source).check();
    }

    @Override
    public String name() {
        return definition.name();
    }

    @Override
    public String description() {
        return definition.description();
    }

    @Override
    public TaskShape task() {
        return task;
    }

    @Override
    public List<Decision> decisions() {
        return decisions;
    }

    /** The file's text, from which {@link dev.lathe.space.SearchSpaces#create} makes this space again anywhere. */
    @Override
    public String reference() {
        // A line break tells a text from a name or path.
        return definition.source().text() + "\n";
    }

    @Override
    public Architecture canonical(Architecture a) {
        check(a);
        boolean[] active = activity.point(a).active();
        int[] c = a.choices();
        for (int i = 0; i < c.length; i++) {
            c[i] = active[i] ? c[i] : 0;
        }
        return Architecture.of(name(), c);
    }

    /** @throws dev.lathe.base.InvalidInputException if a layer does not take what the one before it makes */
    @Override
    public Graph lower(Architecture a) {
        check(a);
        Point p = activity.point(a);
        GraphBuilder g = new GraphBuilder(name());
        Tensor x = g.input("image", task.channels(), task.height(), task.width());
        x = append(layers, g, p, x);
        try {
            return g.build(x);
        } catch (IllegalArgumentException e) {
            throw definition.source().error(1, "layers", e.getMessage() + "; rename a layer");
        }
    }

    private Tensor append(List<Instance> some, GraphBuilder g, Point p, Tensor x) {
        Tensor y = x;
        for (Instance i : some) {
            if (!Guard.allHold(i.guards, p)) {
                continue;
            }
            Block block = i.block;
            if (block == null) {
                y = append(i.children, g, p, y);
                continue;
            }
            try {
                y = block.append(g, p, y);
            } catch (IllegalArgumentException | ArithmeticException e) {
                throw definition
                        .source()
                        .error(
                                i.text.line(),
                                i.text.key(),
                                "layer %s after a tensor of shape %s: %s".formatted(i.name, y.shape(), e.getMessage()));
            }
        }
        return y;
    }

    @Override
    public BigInteger size() {
        return size;
    }

    @Override
    public Architecture largest() {
        return extremes.covering().get(0);
    }

    @Override
    public Architecture smallest() {
        return extremes.floors().get(0);
    }

    @Override
    public List<Architecture> covering() {
        return extremes.covering();
    }

    @Override
    public List<Architecture> floors() {
        return extremes.floors();
    }
}
