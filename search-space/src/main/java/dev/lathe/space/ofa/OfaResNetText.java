package dev.lathe.space.ofa;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Once-for-all's JSON of an architecture of an {@link OfaResNetSpace}: {@code {"d": […], "e": […], "w": […], "image_size":
 * 224}}. {@code d} is 2 for the stem's residual convolution or 0, then for every stage the blocks beyond its base depth (0, 1 or
 * 2); {@code e} is the expansion of every block, used or not; {@code w} is the index of the width factor (0, 1, 2 for 0.65, 0.8,
 * 1.0) of the stem's first convolutions, of its last, and of every stage.
 *
 * <p>Written, blocks beyond the depth have 0; read, they may have any value that is offered, which is dropped. The first width
 * is written as 0 or 2: 1 gives the channels of 0 and is read as 0. The resolution may be called {@code r} and be a list of one.
 * What is written is read back as the same architecture.
 */
public final class OfaResNetText {
    private static final Set<String> LISTS = Set.of("d", "e", "w");
    private static final List<Double> STEM_DEPTHS = List.of(0.0, 2.0);
    private static final List<Double> MORE_DEPTHS = List.of(0.0, 1.0, 2.0);
    private static final List<Double> WIDTH_INDICES = List.of(0.0, 1.0, 2.0);
    private static final int STEM_WIDTHS = 2;

    private final OfaResNetSpace space;

    public OfaResNetText(OfaResNetSpace space) {
        this.space = space;
    }

    /** @throws IllegalArgumentException if {@code a} is of another space */
    public String toText(Architecture a) {
        space.check(a);
        List<Double> depths = new ArrayList<>();
        List<Double> expansions = new ArrayList<>();
        List<Double> widths = new ArrayList<>();
        depths.add(STEM_DEPTHS.get(a.choice(OfaResNetSpace.STEM_BLOCK)));
        widths.add(2.0 * a.choice(OfaResNetSpace.STEM_INNER_WIDTH));
        widths.add((double) a.choice(OfaResNetSpace.STEM_WIDTH));
        for (int s = 0; s < OfaResNetSpace.BASE_DEPTHS.length; s++) {
            int depth = space.depth(a, s);
            depths.add((double) depth - OfaResNetSpace.BASE_DEPTHS[s]);
            widths.add((double) a.choice(space.widthIndex(s)));
            for (int b = 0; b < maxDepth(s); b++) {
                expansions.add(b < depth ? OfaResNetSpace.EXPANSIONS[a.choice(space.expandIndex(s, b))] : 0);
            }
        }
        double resolution = space.decisions().get(0).value(a.choice(0));
        return "{" + OfaJson.member("d", depths) + ", " + OfaJson.member("e", expansions) + ", "
                + OfaJson.member("w", widths) + ", \"image_size\": " + OfaJson.shown(resolution) + "}";
    }

    /**
     * The architecture in its canonical form.
     *
     * @throws InvalidInputException if the text is no architecture of the space, saying why
     */
    public Architecture parse(String text) {
        OfaJson json = OfaJson.read(space.name(), text, LISTS);
        int stages = OfaResNetSpace.BASE_DEPTHS.length;
        int blocks = 0;
        for (int s = 0; s < stages; s++) {
            blocks += maxDepth(s);
        }
        int[] choices = new int[space.decisions().size()];
        choices[0] = json.resolution(space.decisions().get(0));
        double[] depths = json.list("d", 1 + stages);
        double[] expansions = json.list("e", blocks);
        double[] widths = json.list("w", STEM_WIDTHS + stages);
        choices[OfaResNetSpace.STEM_BLOCK] = json.choice("d[0]", depths[0], STEM_DEPTHS);
        // Indices 0 and 1 are both choice 0: they make as many channels.
        choices[OfaResNetSpace.STEM_INNER_WIDTH] = json.choice("w[0]", widths[0], WIDTH_INDICES) / 2;
        choices[OfaResNetSpace.STEM_WIDTH] = json.choice("w[1]", widths[1], WIDTH_INDICES);
        int block = 0;
        for (int s = 0; s < stages; s++) {
            choices[space.depthIndex(s)] = json.choice("d[" + (1 + s) + "]", depths[1 + s], MORE_DEPTHS);
            int w = STEM_WIDTHS + s;
            choices[space.widthIndex(s)] = json.choice("w[" + w + "]", widths[w], WIDTH_INDICES);
            int depth = OfaResNetSpace.BASE_DEPTHS[s] + choices[space.depthIndex(s)];
            for (int b = 0; b < maxDepth(s); b++, block++) {
                String what = "e[" + block + "]";
                int index = space.expandIndex(s, b);
                List<Double> offered = space.decisions().get(index).choices();
                choices[index] = b < depth
                        ? json.choice(what, expansions[block], offered)
                        : json.unused(what, expansions[block], offered);
            }
        }
        return space.canonical(Architecture.of(space.name(), choices));
    }

    private static int maxDepth(int stage) {
        return OfaResNetSpace.BASE_DEPTHS[stage] + OfaResNetSpace.MORE_DEPTH;
    }
}
