package dev.lathe.space;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.util.Arrays;

/**
 * A point of a search space: one chosen index per decision, nothing else. Immutable and hashable; {@link
 * SearchSpace#canonical} gives the one form in which equal networks are equal points.
 */
public final class Architecture implements Comparable<Architecture> {
    private final String space;
    private final int[] choices;
    private final int hash;

    private Architecture(String space, int[] choices) {
        this.space = space;
        this.choices = choices;
        this.hash = 31 * space.hashCode() + Arrays.hashCode(choices);
    }

    public static Architecture of(String space, int... choices) {
        return new Architecture(space, choices.clone());
    }

    public String space() {
        return space;
    }

    public int length() {
        return choices.length;
    }

    /** The chosen index of decision {@code i}. */
    public int choice(int i) {
        return choices[i];
    }

    public int[] choices() {
        return choices.clone();
    }

    /** The text form {@code space:0-1-2}, read back by {@link #parse}. */
    @Override
    public String toString() {
        StringBuilder b = new StringBuilder(space).append(':');
        for (int i = 0; i < choices.length; i++) {
            b.append(i == 0 ? "" : "-").append(choices[i]);
        }
        return b.toString();
    }

    /** @throws InvalidInputException if the text is not of the form {@code space:0-1-2} */
    public static Architecture parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            String[] parts = text.substring(colon + 1).split("-", -1);
            int[] choices = new int[parts.length];
            for (int i = 0; i < parts.length; i++) {
                choices[i] = Integer.parseInt(parts[i]);
            }
            if (colon > 0) {
                return new Architecture(text.substring(0, colon), choices);
            }
        } catch (NumberFormatException e) {
            // The message below covers it.
        }
        throw new InvalidInputException(
                "'%s' is no architecture; write it as SPACE:CHOICE-CHOICE-…, for example mbconv-tiny:0-1-2"
                        .formatted(Names.shown(text)));
    }

    /** Orders by space, then by choices, first decision first. */
    @Override
    public int compareTo(Architecture o) {
        int c = space.compareTo(o.space);
        return c != 0 ? c : Arrays.compare(choices, o.choices);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Architecture a
                && hash == a.hash
                && space.equals(a.space)
                && Arrays.equals(choices, a.choices);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
