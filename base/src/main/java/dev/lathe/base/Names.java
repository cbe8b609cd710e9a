package dev.lathe.base;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Names as people type and read them. */
public final class Names {
    private static final int LONGEST_SHOWN = 80;

    private Names() {}

    /** The known name with the least edit distance, or null where none is near (more than half its letters differ). */
    public static @Nullable String nearest(String given, Iterable<String> known) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        String g = given.length() > LONGEST_SHOWN ? given.substring(0, LONGEST_SHOWN) : given;
        for (String k : known) {
            int d = distance(g.toLowerCase(Locale.ROOT), k.toLowerCase(Locale.ROOT));
            if (d < bestDistance) {
                bestDistance = d;
                best = k;
            }
        }
        return best != null && bestDistance * 2 <= Math.max(g.length(), best.length()) ? best : null;
    }

    /** A foreign text fit for one line of a message: control characters replaced, long ones cut. */
    public static String shown(String text) {
        StringBuilder b = new StringBuilder();
        text.codePoints()
                .limit(LONGEST_SHOWN)
                .forEach(c -> b.appendCodePoint(
                        Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c));
        return text.codePointCount(0, text.length()) > LONGEST_SHOWN ? b + "…" : b.toString();
    }

    /** Levenshtein distance by two rows. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substitution, Math.min(previous[j], row[j - 1]) + 1);
            }
            previous = row;
        }
        return previous[b.length()];
    }
}
