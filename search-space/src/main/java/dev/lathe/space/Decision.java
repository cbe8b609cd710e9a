package dev.lathe.space;

import java.util.List;

/**
 * One elastic dimension: what subnets differ in.
 *
 * @param name unique in its space, for example {@code stage1.block0.kernel}
 * @param choices the values offered, strictly increasing; the last ones together make the largest subnet
 */
public record Decision(String name, List<Double> choices) {
    public Decision {
        choices = List.copyOf(choices);
        boolean increasing = !choices.isEmpty();
        for (int i = 1; i < choices.size(); i++) {
            increasing &= choices.get(i - 1) < choices.get(i);
        }
        if (!increasing) {
            throw new IllegalArgumentException(
                    "Decision '%s' has choices %s, which are empty, unsorted or repeated; list each value once, smallest first, for example [3, 5, 7]"
                            .formatted(name, choices));
        }
    }

    public static Decision of(String name, double... choices) {
        return new Decision(name, java.util.Arrays.stream(choices).boxed().toList());
    }

    public int size() {
        return choices.size();
    }

    /** The value of choice {@code i}. */
    public double value(int i) {
        return choices.get(i);
    }

    /** The value of choice {@code i} as a whole number. */
    public int intValue(int i) {
        return choices.get(i).intValue();
    }
}
