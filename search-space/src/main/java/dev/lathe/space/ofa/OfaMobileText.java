package dev.lathe.space.ofa;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Once-for-all's JSON of an architecture of an {@link OfaMobileSpace}: {@code {"ks": […], "e": […], "d": […], "r": 224}},
 * kernel and expansion of every block (four to a unit, whatever its depth), the depth of every unit and the resolution.
 *
 * <p>Written, blocks beyond the depth have 0, as in once-for-all's own decoder; read, they may have any value that is offered,
 * which is dropped. The resolution may be called {@code image_size} and be a list of one, and {@code "wid": null} is passed
 * over: once-for-all's samplers write so. What is written is read back as the same architecture.
 */
public final class OfaMobileText {
    private static final Set<String> LISTS = Set.of("ks", "e", "d");

    private final OfaMobileSpace space;

    public OfaMobileText(OfaMobileSpace space) {
        this.space = space;
    }

    /** @throws IllegalArgumentException if {@code a} is of another space */
    public String toText(Architecture a) {
        space.check(a);
        List<Double> kernels = new ArrayList<>();
        List<Double> expansions = new ArrayList<>();
        List<Double> depths = new ArrayList<>();
        for (MobileUnit u : space.units()) {
            int depth = u.depth(a);
            for (int b = 0; b < u.maxDepth(); b++) {
                kernels.add(b < depth ? OfaMobileSpace.KERNELS[a.choice(u.kernelIndex(b))] : 0);
                expansions.add(b < depth ? OfaMobileSpace.EXPANSIONS[a.choice(u.expandIndex(b))] : 0);
            }
            depths.add((double) depth);
        }
        double resolution = space.decisions().get(0).value(a.choice(0));
        return "{" + OfaJson.member("ks", kernels) + ", " + OfaJson.member("e", expansions) + ", "
                + OfaJson.member("d", depths) + ", \"r\": " + OfaJson.shown(resolution) + "}";
    }

    /**
     * The architecture in its canonical form.
     *
     * @throws InvalidInputException if the text is no architecture of the space, saying why
     */
    public Architecture parse(String text) {
        OfaJson json = OfaJson.read(space.name(), text, LISTS);
        List<MobileUnit> units = space.units();
        int blocks = units.stream().mapToInt(MobileUnit::maxDepth).sum();
        int resolution = json.resolution(space.decisions().get(0));
        return architecture(
                json, json.list("ks", blocks), json.list("e", blocks), json.list("d", units.size()), resolution);
    }

    private Architecture architecture(
            OfaJson json, double[] kernels, double[] expansions, double[] depths, int resolution) {
        int[] choices = new int[space.decisions().size()];
        choices[0] = resolution;
        int block = 0;
        for (int i = 0; i < depths.length; i++) {
            MobileUnit u = space.units().get(i);
            int depth = u.leastDepth() + json.choice("d[" + i + "]", depths[i], u.depths());
            if (u.depthIndex() >= 0) {
                choices[u.depthIndex()] = depth - u.leastDepth();
            }
            for (int b = 0; b < u.maxDepth(); b++, block++) {
                choices[u.kernelIndex(b)] = choice(json, "ks", block, kernels, u.kernelIndex(b), b < depth);
                choices[u.expandIndex(b)] = choice(json, "e", block, expansions, u.expandIndex(b), b < depth);
            }
        }
        return space.canonical(Architecture.of(space.name(), choices));
    }

    private int choice(OfaJson json, String list, int block, double[] values, int index, boolean isUsed) {
        String what = list + "[" + block + "]";
        List<Double> offered = space.decisions().get(index).choices();
        return isUsed ? json.choice(what, values[block], offered) : json.unused(what, values[block], offered);
    }
}
