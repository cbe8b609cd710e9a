package dev.lathe.predict;

import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.List;

/**
 * The inputs of a learned predictor: the value of every decision of the canonical architecture (an inactive one has its
 * first value), then the {@link GraphFeatures}. Immutable and thread-safe.
 */
public final class ArchitectureFeatures implements FeatureSet {
    private final SearchSpace space;
    private final double[][] values;
    private final List<String> names;

    public ArchitectureFeatures(SearchSpace space) {
        this.space = space;
        List<Decision> decisions = space.decisions();
        List<String> all = new ArrayList<>();
        values = new double[decisions.size()][];
        for (int i = 0; i < values.length; i++) {
            Decision d = decisions.get(i);
            all.add("decision." + d.name());
            values[i] = new double[d.size()];
            for (int j = 0; j < d.size(); j++) {
                values[i][j] = d.value(j);
            }
        }
        all.addAll(GraphFeatures.names());
        names = List.copyOf(all);
    }

    @Override
    public SearchSpace space() {
        return space;
    }

    @Override
    public List<String> names() {
        return names;
    }

    /** The features of an architecture; lowers and plans it. */
    @Override
    public double[] of(Architecture architecture) {
        Architecture a = space.canonical(architecture);
        Graph graph = space.lower(a);
        return of(a, graph, ExactCosts.of(graph));
    }

    /** The features of a canonical architecture whose graph and costs are known already. */
    double[] of(Architecture canonical, Graph graph, ExactCosts costs) {
        double[] features = new double[names.size()];
        for (int i = 0; i < values.length; i++) {
            features[i] = values[i][canonical.choice(i)];
        }
        GraphFeatures.fill(graph, costs, features, values.length);
        return features;
    }
}
