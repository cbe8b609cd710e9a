package dev.lathe.supernet;

import dev.lathe.base.Seeds;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The largest network alone at first; then the decisions open one kind after the other and stay open: kernels, depths (the
 * upper half of the choices first), then all others, widths among them (the upper half first). A choice that is not open yet
 * is the largest.
 *
 * <p>Departures from the paper: the largest network goes on learning from the labels and teaches in place, instead of a copy
 * frozen after the first phase; small kernels are the middles of large ones unless {@link KernelTransforms} are asked for, and channels
 * are re-ordered before widths open only where {@link ChannelOrder} is.
 *
 * @param steps of the whole training
 * @param networks sampled networks a step once anything is open, at least 1
 * @see <a href="https://arxiv.org/abs/1908.09791">Cai et al., Once-for-All, ICLR 2020</a>
 */
record ProgressiveShrinking(int steps, int networks) implements TrainingStrategy {
    /** Where phases begin, as parts of the training: kernels, half of the depths, all depths, half of the rest, everything. */
    private static final double[] BEGIN = {0.25, 0.40, 0.47, 0.62, 0.70};

    private static final int FIRST_WIDTHS = 4;

    @Override
    public List<Architecture> plan(SearchSpace space, long seed, int step) {
        Architecture largest = space.largest();
        List<Architecture> plan = new ArrayList<>(networks + 1);
        plan.add(largest);
        int phase = phase(step);
        if (phase == 0) {
            return plan;
        }
        for (int n = 0; n < Math.max(1, networks); n++) {
            RandomGenerator random = Seeds.generator(Seeds.derive(seed, "shrinking", step), "subnet", n);
            int[] choices = new int[space.decisions().size()];
            for (int i = 0; i < choices.length; i++) {
                Decision d = space.decisions().get(i);
                int least = least(d, phase);
                choices[i] = least + random.nextInt(d.size() - least);
            }
            plan.add(space.canonical(Architecture.of(space.name(), choices)));
        }
        return plan;
    }

    /** Where narrower networks open at this step, the narrowest one before it; else null. */
    @Nullable
    Architecture narrowestBefore(SearchSpace space, int step) {
        int phase = phase(step);
        if (step == 0 || phase < FIRST_WIDTHS || phase == phase(step - 1)) {
            return null;
        }
        int[] choices = space.largest().choices();
        for (int i = 0; i < choices.length; i++) {
            Decision d = space.decisions().get(i);
            // Depth and kernel stay, so that every block is there.
            choices[i] = isWidth(d) ? least(d, phase(step - 1)) : d.size() - 1;
        }
        return space.canonical(Architecture.of(space.name(), choices));
    }

    private static boolean isWidth(Decision d) {
        return !d.name().endsWith("kernel") && !d.name().endsWith("depth");
    }

    private int phase(int step) {
        int phase = 0;
        while (phase < BEGIN.length && step >= BEGIN[phase] * steps) {
            phase++;
        }
        return phase;
    }

    /** The smallest choice that is open. */
    private static int least(Decision d, int phase) {
        int last = d.size() - 1;
        if (d.name().endsWith("kernel")) {
            return phase >= 1 ? 0 : last;
        }
        if (d.name().endsWith("depth")) {
            return phase >= 3 ? 0 : phase == 2 ? last / 2 : last;
        }
        return phase >= 5 ? 0 : phase == 4 ? last / 2 : last;
    }

    @Override
    public Distillation distillation() {
        return Distillation.KL;
    }
}
