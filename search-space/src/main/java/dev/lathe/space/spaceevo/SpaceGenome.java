package dev.lathe.space.spaceevo;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A search space as a point of a hyperspace: a block type and a window of widths for each of the six stages. Depths, kernels,
 * expansions and resolutions follow from these. Search over spaces mutates genomes and does not cross them.
 *
 * @param hyperspace where it is from
 * @param blocks index of the block type, stages 1 to 6
 * @param windows index of the window of widths, stages 1 to 6
 * @see <a href="https://arxiv.org/abs/2303.08308">Wang et al., SpaceEvo, ICCV 2023</a>
 */
public record SpaceGenome(Hyperspace hyperspace, List<Integer> blocks, List<Integer> windows) {
    /** Released for the Pixel 4. */
    public static final SpaceGenome PIXEL4 = parse("mobilew-122222-155400");
    /** Released for the Pixel 4 under a middle time limit. */
    public static final SpaceGenome PIXEL4_MEDIUM = parse("mobilew-112220-154410");
    /** Released for the Pixel 4 under a tight time limit. */
    public static final SpaceGenome PIXEL4_TINY = parse("mobilew-332160-134200");
    /** Released for Intel processors with VNNI. */
    public static final SpaceGenome VNNI = parse("onnxw-151122-023231");
    /** Released for Intel processors with VNNI under a loose time limit. */
    public static final SpaceGenome VNNI_LARGE = parse("onnxw-121122-133333");

    public SpaceGenome {
        blocks = List.copyOf(blocks);
        windows = List.copyOf(windows);
        if (blocks.size() != Hyperspace.STAGES || windows.size() != Hyperspace.STAGES) {
            throw new InvalidInputException("a space of %s has %d block types and as many windows, not %d and %d"
                    .formatted(hyperspace.id(), Hyperspace.STAGES, blocks.size(), windows.size()));
        }
        for (int i = 1; i <= Hyperspace.STAGES; i++) {
            checkIndex(hyperspace, "block type", i, blocks.get(i - 1), blockTypes(hyperspace));
            checkIndex(
                    hyperspace,
                    "window",
                    i,
                    windows.get(i - 1),
                    hyperspace.stage(i).windows());
        }
    }

    private static int blockTypes(Hyperspace hyperspace) {
        return hyperspace.blockTypes().size();
    }

    private static void checkIndex(Hyperspace hyperspace, String what, int stage, int index, int count) {
        if (index < 0 || index >= count) {
            throw new InvalidInputException("%s %d of stage %d does not exist in hyperspace %s; use 0 to %d"
                    .formatted(what, index, stage, hyperspace.id(), count - 1));
        }
    }

    /** All released spaces, in the order of the published list. */
    public static List<SpaceGenome> released() {
        return List.of(PIXEL4, PIXEL4_TINY, PIXEL4_MEDIUM, VNNI, VNNI_LARGE);
    }

    /** The published form {@code hyperspace-bbbbbb-wwwwww}, one digit per stage, read back by {@link #parse}. */
    public String toText() {
        StringBuilder b = new StringBuilder(hyperspace.id()).append('-');
        blocks.forEach(b::append);
        b.append('-');
        windows.forEach(b::append);
        return b.toString();
    }

    /** @throws InvalidInputException if the text is not of the form {@code hyperspace-bbbbbb-wwwwww} */
    public static SpaceGenome parse(String text) {
        String[] parts = text.length() > 100 ? new String[0] : text.split("-", -1);
        if (parts.length != 3 || !isDigits(parts[1]) || !isDigits(parts[2])) {
            throw new InvalidInputException(
                    "'%s' is no SpaceEvo space; write HYPERSPACE-BLOCKS-WINDOWS with a digit per stage, for example onnxw-151122-023231"
                            .formatted(Names.shown(text)));
        }
        return new SpaceGenome(Hyperspace.of(parts[0]), digits(parts[1]), digits(parts[2]));
    }

    private static boolean isDigits(String text) {
        return text.length() == Hyperspace.STAGES && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static List<Integer> digits(String text) {
        return text.chars().map(c -> c - '0').boxed().toList();
    }

    /** A draw that is uniform over the hyperspace. */
    public static SpaceGenome random(Hyperspace hyperspace, RandomGenerator random) {
        List<Integer> blocks = new ArrayList<>();
        List<Integer> windows = new ArrayList<>();
        for (int i = 1; i <= Hyperspace.STAGES; i++) {
            blocks.add(random.nextInt(blockTypes(hyperspace)));
            windows.add(random.nextInt(hyperspace.stage(i).windows()));
        }
        return new SpaceGenome(hyperspace, blocks, windows);
    }

    /** The same space but for the block type of one stage, both drawn uniformly; the new type differs from the old. */
    public SpaceGenome mutateBlock(RandomGenerator random) {
        int i = random.nextInt(Hyperspace.STAGES);
        return new SpaceGenome(hyperspace, replaced(blocks, i, blockTypes(hyperspace), random), windows);
    }

    /** The same space but for the window of one stage, both drawn uniformly; the new window differs from the old. */
    public SpaceGenome mutateWindow(RandomGenerator random) {
        int i = random.nextInt(Hyperspace.STAGES);
        return new SpaceGenome(
                hyperspace, blocks, replaced(windows, i, hyperspace.stage(i + 1).windows(), random));
    }

    /** The two children of one parent: the first with another block type in a stage, the second with another window in one. */
    public List<SpaceGenome> children(RandomGenerator random) {
        return List.of(mutateBlock(random), mutateWindow(random));
    }

    private static List<Integer> replaced(List<Integer> genes, int i, int count, RandomGenerator random) {
        int draw = random.nextInt(count - 1);
        List<Integer> g = new ArrayList<>(genes);
        g.set(i, draw < g.get(i) ? draw : draw + 1);
        return g;
    }

    /** Block type of stage {@code i}, from 1. */
    public BlockType blockType(int i) {
        return hyperspace.blockTypes().get(blocks.get(i - 1));
    }

    /** Widths that blocks of stage {@code i}, from 1, choose from. */
    public List<Integer> widths(int i) {
        return hyperspace.stage(i).widths(windows.get(i - 1));
    }

    @Override
    public String toString() {
        return toText();
    }
}
