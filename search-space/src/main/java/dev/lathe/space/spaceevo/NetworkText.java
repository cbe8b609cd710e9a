package dev.lathe.space.spaceevo;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The published text form of a network, {@code d1#1#2…_k3#3…_w16#16…_e0#1.0…_r160}: depths of the first convolution and of
 * stages 0 to 6; kernel, output width and expansion of the first convolution and of every block, 0 for no expansion; rows of the
 * image. {@link #parse} reads what {@link #toText} writes.
 */
public final class NetworkText {
    private static final int LONGEST = 2_000;
    private static final Pattern FORM = Pattern.compile("d([0-9#]+)_k([0-9#]+)_w([0-9#]+)_e([0-9.#]+)_r([0-9]{1,4})");
    private static final Pattern WHOLE = Pattern.compile("[0-9]{1,4}");
    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,2}(\\.[0-9]{1,2})?");
    private static final int STEM_KERNEL = 3;

    private final SpaceEvoSpace space;

    public NetworkText(SpaceEvoSpace space) {
        this.space = space;
    }

    /** @throws IllegalArgumentException if {@code a} is of another space */
    public String toText(Architecture a) {
        int[] c = space.canonical(a).choices();
        List<Integer> depths = new ArrayList<>(List.of(1));
        List<BlockChoice> blocks = new ArrayList<>();
        blocks.add(new BlockChoice(
                STEM_KERNEL, space.genome().hyperspace().stemWidths().get(c[space.stemAt()]), 0));
        for (StageGenes s : space.stages()) {
            depths.add(s.depth(c));
            blocks.addAll(s.blocks(c));
        }
        return "d" + depths.stream().map(String::valueOf).collect(Collectors.joining("#"))
                + "_k" + blocks.stream().map(b -> String.valueOf(b.kernel())).collect(Collectors.joining("#"))
                + "_w" + blocks.stream().map(b -> String.valueOf(b.width())).collect(Collectors.joining("#"))
                + "_e"
                + blocks.stream()
                        .map(b -> b.expansion() == 0 ? "0" : String.valueOf(b.expansion()))
                        .collect(Collectors.joining("#"))
                + "_r" + space.resolutions()[space.resolutionChoice(c)];
    }

    /**
     * The network of this text.
     *
     * @throws InvalidInputException if the text is malformed, or the space has no such network
     */
    public Architecture parse(String text) {
        Matcher m = FORM.matcher(text.length() > LONGEST ? "" : text);
        if (!m.matches()) {
            throw new InvalidInputException(
                    "'%s' is no SpaceEvo network; write dDEPTHS_kKERNELS_wWIDTHS_eEXPANSIONS_rRESOLUTION with # between the values"
                            .formatted(Names.shown(text)));
        }
        List<Double> depths = numbers("depths", m.group(1), WHOLE);
        List<Double> kernels = numbers("kernels", m.group(2), WHOLE);
        List<Double> widths = numbers("widths", m.group(3), WHOLE);
        List<Double> expansions = numbers("expansions", m.group(4), DECIMAL);
        require(
                depths.size() == space.stages().size() + 1 && depths.get(0) == 1,
                "needs 1 and then %d depths, not %s",
                space.stages().size(),
                depths.size());
        double all = depths.stream().mapToDouble(Double::doubleValue).sum();
        require(
                kernels.size() == all && widths.size() == all && expansions.size() == all,
                "needs as many kernels, widths and expansions as blocks, %.0f, not %d, %d and %d",
                all,
                kernels.size(),
                widths.size(),
                expansions.size());
        int[] c = new int[space.decisions().size()];
        int resolution = index(space.resolutions(), Integer.parseInt(m.group(5)));
        if (space.stemAt() > 0) {
            c[0] = resolution;
        }
        c[space.stemAt()] = stem(kernels.get(0), widths.get(0), expansions.get(0));
        int at = 1;
        for (StageGenes s : space.stages()) {
            int depth = depths.get(s.stage + 1).intValue();
            List<BlockChoice> blocks = new ArrayList<>();
            for (int end = at + depth; at < end; at++) {
                blocks.add(new BlockChoice(
                        kernels.get(at).intValue(), widths.get(at).intValue(), expansions.get(at)));
            }
            encode(s, blocks, c);
        }
        return Architecture.of(space.name(), c);
    }

    private int stem(double kernel, double width, double expansion) {
        List<Integer> offered = space.genome().hyperspace().stemWidths();
        int choice = offered.indexOf((int) width);
        require(
                choice >= 0 && kernel == STEM_KERNEL && expansion == 0,
                "starts with a 3x3 convolution of one of %s channels without expansion, not kernel %.0f, width %.0f, expansion %s",
                offered,
                kernel,
                width,
                expansion);
        return choice;
    }

    private void encode(StageGenes s, List<BlockChoice> blocks, int[] choices) {
        require(
                blocks.size() >= s.minDepth && blocks.size() <= s.maxDepth,
                "has %d to %d blocks in stage %d, not %d",
                s.minDepth,
                s.maxDepth,
                s.stage,
                blocks.size());
        s.encodeDepth(blocks.size(), choices);
        for (int b = 0; b < blocks.size(); b++) {
            BlockChoice c = blocks.get(b);
            require(
                    s.encode(b, c, choices),
                    "has kernels %s, widths %s and expansions %s in stage %d, not %d, %d and %s",
                    s.type.kernels(),
                    s.widths,
                    s.type.expansions(),
                    s.stage,
                    c.kernel(),
                    c.width(),
                    c.expansion());
        }
    }

    private List<Double> numbers(String what, String text, Pattern form) {
        List<Double> n = new ArrayList<>();
        for (String s : text.split("#", -1)) {
            require(
                    form.matcher(s).matches(),
                    "has a value among its %s that is no number: '%s'",
                    what,
                    Names.shown(s));
            n.add(Double.valueOf(s));
        }
        return n;
    }

    private int index(int[] values, int value) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == value) {
                return i;
            }
        }
        require(false, "has resolutions %s, not %d", java.util.Arrays.toString(values), value);
        return -1;
    }

    private void require(boolean condition, String message, Object... values) {
        if (!condition) {
            throw new InvalidInputException("a network of " + space.name() + " " + message.formatted(values));
        }
    }
}
