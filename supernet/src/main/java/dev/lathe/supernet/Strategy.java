package dev.lathe.supernet;

import java.util.Locale;

/** The ways to train a supernet, by name in an experiment file. */
public enum Strategy {
    /** Largest, smallest and random networks; the largest teaches (Yu and Huang 2019). */
    SANDWICH,
    /** The sandwich with the alpha-divergence, adaptive and clipped, as the students' loss (Wang et al., AlphaNet, 2021). */
    ALPHA_DIVERGENCE,
    /** One random network a step, from the labels (Guo et al., SPOS, 2020). */
    UNIFORM,
    /** Every choice of every decision once a step, from the labels (Chu et al., FairNAS, 2021). */
    STRICT_FAIRNESS,
    /** The largest network first, then ever more kernels, depths and widths (Cai et al., once-for-all, 2020). */
    PROGRESSIVE_SHRINKING;

    /** As written in an experiment: {@code alpha-divergence}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
