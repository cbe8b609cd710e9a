package dev.lathe.supernet;

/**
 * What progressive shrinking may do besides, all off by default.
 *
 * @param kernelTransforms whether small kernels are learnt maps of large ones, and not just their middles
 * @param reorderChannels whether inner channels are put in order of importance before smaller widths open
 * @see <a href="https://arxiv.org/abs/1908.09791">Cai et al., Once-for-All, ICLR 2020</a>
 */
public record ShrinkingOptions(boolean kernelTransforms, boolean reorderChannels) {
    /** All off. */
    public static final ShrinkingOptions NONE = new ShrinkingOptions(false, false);
}
