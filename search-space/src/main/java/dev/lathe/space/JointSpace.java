package dev.lathe.space;

import dev.lathe.graph.Graph;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Any space's networks, each with every training recipe of a grid: a point is a pair of both, as in FBNetV3 (Dai et al., CVPR 2021).
 *
 * @see <a href="https://arxiv.org/abs/2006.02049">arXiv 2006.02049</a>
 */
public final class JointSpace implements SearchSpace {
    private static final String PREFIX = "recipe.";

    private final SearchSpace networks;
    private final List<Decision> recipe;
    private final List<Decision> decisions;

    /**
     * @param networks the space of the networks
     * @param recipe what is chosen besides, by the names of {@link #recipe}
     * @throws IllegalArgumentException if the networks have recipes already, or the grid is empty
     */
    public JointSpace(SearchSpace networks, List<Decision> recipe) {
        if (recipe.isEmpty() || !networks.recipe(networks.smallest()).isEmpty()) {
            throw new IllegalArgumentException("A joint space is of networks without recipes, and of a recipe");
        }
        this.networks = networks;
        this.recipe = List.copyOf(recipe);
        List<Decision> all = new ArrayList<>(networks.decisions());
        recipe.forEach(d -> all.add(new Decision(PREFIX + d.name(), d.choices())));
        this.decisions = List.copyOf(all);
    }

    @Override
    public String name() {
        return networks.name() + "+recipe";
    }

    @Override
    public String description() {
        return networks.description() + ", each with a training recipe";
    }

    @Override
    public Task task() {
        return networks.task();
    }

    /** The networks' decisions, then the recipe's. */
    @Override
    public List<Decision> decisions() {
        return decisions;
    }

    /** The network of a point, in its own space. */
    public Architecture network(Architecture a) {
        check(a);
        return Architecture.of(networks.name(), Arrays.copyOf(a.choices(), a.length() - recipe.size()));
    }

    @Override
    public Map<String, Double> recipe(Architecture a) {
        check(a);
        Map<String, Double> values = new LinkedHashMap<>();
        int first = a.length() - recipe.size();
        for (int i = 0; i < recipe.size(); i++) {
            values.put(recipe.get(i).name(), recipe.get(i).value(a.choice(first + i)));
        }
        return Collections.unmodifiableMap(values);
    }

    /** The networks' canonical form; each choice of the recipe is another point. */
    @Override
    public Architecture canonical(Architecture a) {
        int[] network = networks.canonical(network(a)).choices();
        int[] choices = a.choices();
        System.arraycopy(network, 0, choices, 0, network.length);
        return Architecture.of(name(), choices);
    }

    @Override
    public Graph lower(Architecture a) {
        return networks.lower(network(a));
    }

    @Override
    public BigInteger size() {
        BigInteger size = networks.size();
        for (Decision d : recipe) {
            size = size.multiply(BigInteger.valueOf(d.size()));
        }
        return size;
    }

    /** Those of the networks, with the first choice of the recipe. */
    @Override
    public List<Architecture> covering() {
        return networks.covering().stream().map(this::withFirstRecipe).toList();
    }

    @Override
    public List<Architecture> floors() {
        return networks.floors().stream().map(this::withFirstRecipe).toList();
    }

    private Architecture withFirstRecipe(Architecture network) {
        return Architecture.of(name(), Arrays.copyOf(network.choices(), network.length() + recipe.size()));
    }
}
