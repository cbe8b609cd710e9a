package dev.lathe.evolve;

import java.io.Serializable;

/**
 * What is optimized. The direction is data: no caller flips a sign.
 *
 * @param metric name of the metric, for example {@code latencyMs}
 * @param direction whether small or large values are better
 */
public record Objective(String metric, Direction direction) implements Serializable {
    /** Which way is better. */
    public enum Direction {
        MINIMIZE,
        MAXIMIZE
    }

    public static Objective minimize(String metric) {
        return new Objective(metric, Direction.MINIMIZE);
    }

    public static Objective maximize(String metric) {
        return new Objective(metric, Direction.MAXIMIZE);
    }

    /** The value as something to be minimized; used inside the package only where a library wants one direction. */
    double toMinimize(double value) {
        return direction == Direction.MINIMIZE ? value : -value;
    }
}
