package dev.lathe.space.mcuformer;

import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.TaskShape;
import dev.lathe.space.mcuformer.TransformerSettings.Factoring;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * MCUFormer's search spaces: AutoFormer's vision transformers with a choice of patch size and of one low-rank ratio, for
 * images of 240 x 240 pixels and 1000 classes.
 *
 * <p>Every large linear layer is a product of three matrices. The rank in attention is the ratio of the widest embedding that
 * the supernet has room for, the same in all networks of a ratio; the rank in the MLP is the ratio of the network's own
 * width. Each pair of a patch size and a ratio is a supernet of its own, 60 in all, which share no weights: the names of its
 * parameters start with the pair, such as {@code p16.r90.layer0.query.weight}.
 *
 * <p>The values of the tiny space are those of the released code, which goes down to narrower networks than AutoFormer's.
 *
 * @see <a href="https://arxiv.org/abs/2310.16898">Liang et al., MCUFormer, NeurIPS 2023</a>
 */
public final class McuFormerSpace extends TransformerSpace {
    static final int PATCH = 0;
    static final int RATIO = 1;
    private static final int MATRICES = 3;
    /** Smallest first, so that the first choice has the most tokens and costs the most. */
    private static final double[] PATCHES = {16, 20, 24, 28, 32};

    private static final int LEAST_RATIO = 40;
    private static final int RATIO_STEP = 5;
    private static final int RATIOS = 12;

    private final int[] attentionRanks;
    private final AtomicReferenceArray<@Nullable TransformerNames> names =
            new AtomicReferenceArray<>(PATCHES.length * RATIOS);

    /** With relative positions, as all published networks have them. */
    public McuFormerSpace(TransformerSize size, TaskShape task) {
        this(size, task, true);
    }

    /** @param relativePositions whether keys and values have learned relative positions */
    public McuFormerSpace(TransformerSize size, TaskShape task, boolean relativePositions) {
        super("mcuformer-" + size.letter(), task, relativePositions, outer(), choices(size));
        this.attentionRanks = new int[RATIOS];
        for (int i = 0; i < RATIOS; i++) {
            attentionRanks[i] = supernetWidth(size) * percent(i) / 100;
        }
    }

    private static List<Decision> outer() {
        double[] ratios = new double[RATIOS];
        for (int i = 0; i < RATIOS; i++) {
            ratios[i] = percent(i) / 100.0;
        }
        return List.of(Decision.of("patch", PATCHES), Decision.of("rank", ratios));
    }

    private static int percent(int ratio) {
        return LEAST_RATIO + RATIO_STEP * ratio;
    }

    private static Choices choices(TransformerSize size) {
        return switch (size) {
            case TINY ->
                new Choices(
                        new double[] {168, 192, 216}, new double[] {12, 13, 14}, new double[] {3.5, 4}, new double[] {
                            3, 4
                        });
            case SMALL ->
                new Choices(
                        new double[] {320, 384, 448},
                        new double[] {12, 13, 14},
                        new double[] {3, 3.5, 4},
                        new double[] {5, 6, 7});
            case BASE ->
                new Choices(
                        new double[] {528, 576, 624},
                        new double[] {14, 15, 16},
                        new double[] {3, 3.5, 4},
                        new double[] {9, 10});
        };
    }

    /** The widest embedding that a supernet has room for, whether or not it is offered. */
    static int supernetWidth(TransformerSize size) {
        return switch (size) {
            case TINY -> 256;
            case SMALL -> 448;
            case BASE -> 640;
        };
    }

    @Override
    public String description() {
        return "MCUFormer's low-rank vision transformers: patch size, rank ratio, width and depth, heads and MLP ratio of each layer";
    }

    @Override
    int patch(Architecture a) {
        return intValue(a, PATCH);
    }

    @Override
    Factoring factoring(Architecture a) {
        return new Factoring(MATRICES, attentionRanks[a.choice(RATIO)], value(a, RATIO));
    }

    @Override
    TransformerNames names(Architecture a) {
        int pair = a.choice(PATCH) * RATIOS + a.choice(RATIO);
        TransformerNames n = names.get(pair);
        if (n == null) {
            // Two threads may make equal names; either serves.
            n = TransformerNames.of("p" + patch(a) + ".r" + percent(a.choice(RATIO)) + ".", layers());
            names.set(pair, n);
        }
        return n;
    }

    /** The most computation: the smallest patch, so that there are the most tokens, and the last choice of all else. */
    @Override
    public Architecture largest() {
        return inSupernet(super.largest(), 0, RATIOS - 1);
    }

    /** The least computation: the largest patch, and the first choice of all else. */
    @Override
    public Architecture smallest() {
        return inSupernet(super.smallest(), PATCHES.length - 1, 0);
    }

    /** The largest network of each supernet. */
    @Override
    public List<Architecture> covering() {
        return ofEachSupernet(largest());
    }

    /** The smallest network of each supernet. */
    @Override
    public List<Architecture> floors() {
        return ofEachSupernet(smallest());
    }

    private List<Architecture> ofEachSupernet(Architecture a) {
        List<Architecture> all = new ArrayList<>(PATCHES.length * RATIOS);
        for (int p = 0; p < PATCHES.length; p++) {
            for (int r = 0; r < RATIOS; r++) {
                all.add(inSupernet(a, p, r));
            }
        }
        return all;
    }

    /** The same network in another supernet, given by choices of the two decisions. */
    Architecture inSupernet(Architecture a, int patch, int ratio) {
        int[] c = a.choices();
        c[PATCH] = patch;
        c[RATIO] = ratio;
        return Architecture.of(name(), c);
    }
}
