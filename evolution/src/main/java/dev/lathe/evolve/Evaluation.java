package dev.lathe.evolve;

import dev.lathe.space.Architecture;
import java.util.Arrays;

/**
 * What is known of one architecture: a value for each metric of the evaluator, in its order. Immutable.
 */
public final class Evaluation {
    private final Architecture architecture;
    private final double[] values;

    private Evaluation(Architecture architecture, double[] values) {
        this.architecture = architecture;
        this.values = values;
    }

    /** @throws IllegalArgumentException if a value is not finite: such a value must never reach a front */
    public static Evaluation of(Architecture architecture, double... values) {
        for (double v : values) {
            if (!Double.isFinite(v)) {
                throw new IllegalArgumentException("Evaluation of %s has a value that is not finite: %s"
                        .formatted(architecture, Arrays.toString(values)));
            }
        }
        return new Evaluation(architecture, values.clone());
    }

    public Architecture architecture() {
        return architecture;
    }

    /** Number of values. */
    public int size() {
        return values.length;
    }

    public double value(int metric) {
        return values[metric];
    }

    public double[] values() {
        return values.clone();
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Evaluation e && architecture.equals(e.architecture) && Arrays.equals(values, e.values);
    }

    @Override
    public int hashCode() {
        return 31 * architecture.hashCode() + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return architecture + Arrays.toString(values);
    }
}
