package dev.lathe.space.ofa;

import dev.lathe.graph.Activation;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Tensor;
import dev.lathe.graph.WeightSlice;
import dev.lathe.space.Layers;
import java.util.Arrays;

/**
 * Squeeze-and-excitation of an elastic number of channels: their means, a linear layer to a quarter of them, ReLU, a linear
 * layer back, a hard sigmoid as the gate; both layers with bias. As in {@link ElasticConv}, operators are made once.
 */
final class ElasticSqueezeExcite {
    private static final int REDUCTION = 4;
    private static final Operator SQUEEZE = new Operator.GlobalAveragePool();
    private static final Operator INNER = new Operator.Activate(Activation.RELU);
    private static final Operator SIGMOID = new Operator.Activate(Activation.HARD_SIGMOID);
    private static final Operator GATE = new Operator.Gate();

    private record Form(int channels, Operator.Linear reduce, Operator.Linear expand) {}

    private final String name;
    private final String squeeze;
    private final String reduce;
    private final String reduceAct;
    private final String expand;
    private final String expandAct;
    private volatile Form[] forms = {};

    ElasticSqueezeExcite(String name) {
        this.name = name;
        this.squeeze = name + ".squeeze";
        this.reduce = name + ".reduce";
        this.reduceAct = reduce + ".act";
        this.expand = name + ".expand";
        this.expandAct = expand + ".act";
    }

    Tensor append(GraphBuilder g, Tensor x) {
        Form form = form(x.shape().extent(0));
        Tensor s = g.add(squeeze, SQUEEZE, x);
        s = g.add(reduceAct, INNER, g.add(reduce, form.reduce, s));
        s = g.add(expandAct, SIGMOID, g.add(expand, form.expand, s));
        return g.add(name, GATE, x, s);
    }

    private Form form(int channels) {
        for (Form f : forms) {
            if (f.channels == channels) {
                return f;
            }
        }
        return make(channels);
    }

    private synchronized Form make(int channels) {
        int squeezed = Layers.makeDivisible(channels / REDUCTION, ElasticBlock.DIVISOR);
        Form form = new Form(
                channels,
                new Operator.Linear(
                        WeightSlice.first(reduce + ".weight", squeezed, channels),
                        WeightSlice.first(reduce + ".bias", squeezed)),
                new Operator.Linear(
                        WeightSlice.first(expand + ".weight", channels, squeezed),
                        WeightSlice.first(expand + ".bias", channels)));
        Form[] more = Arrays.copyOf(forms, forms.length + 1);
        more[forms.length] = form;
        forms = more;
        return form;
    }
}
