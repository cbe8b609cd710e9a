package dev.lathe.space.mcuformer;

import dev.lathe.space.Architecture;
import dev.lathe.space.TaskShape;
import dev.lathe.space.mcuformer.TransformerSettings.Factoring;
import java.util.List;

/**
 * AutoFormer's search spaces: vision transformers with an elastic embedding width and depth, heads and MLP ratio of each
 * layer. Patches of 16 x 16 pixels, dense layers; published for images of 224 x 224 pixels and 1000 classes.
 *
 * <p>The values are those of the configuration files of the public code. The published tiny network has three layers of MLP
 * ratio 3, which its space does not offer.
 *
 * @see <a href="https://arxiv.org/abs/2107.00651">Chen et al., AutoFormer, ICCV 2021</a>
 */
public final class AutoFormerSpace extends TransformerSpace {
    private static final int PATCH = 16;

    private final TransformerNames names;

    /** With relative positions, as all published networks have them. */
    public AutoFormerSpace(TransformerSize size, TaskShape task) {
        this(size, task, true);
    }

    /** @param relativePositions whether keys and values have learned relative positions */
    public AutoFormerSpace(TransformerSize size, TaskShape task, boolean relativePositions) {
        super("autoformer-" + size.letter(), task, relativePositions, List.of(), choices(size));
        this.names = TransformerNames.of("", layers());
    }

    private static Choices choices(TransformerSize size) {
        return switch (size) {
            case TINY ->
                new Choices(
                        new double[] {192, 216, 240}, new double[] {12, 13, 14}, new double[] {3.5, 4}, new double[] {
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
                        new double[] {8, 9, 10});
        };
    }

    @Override
    public String description() {
        return "AutoFormer's vision transformers: elastic width and depth, heads and MLP ratio of each layer";
    }

    @Override
    int patch(Architecture a) {
        return PATCH;
    }

    @Override
    Factoring factoring(Architecture a) {
        return Factoring.DENSE;
    }

    @Override
    TransformerNames names(Architecture a) {
        return names;
    }
}
