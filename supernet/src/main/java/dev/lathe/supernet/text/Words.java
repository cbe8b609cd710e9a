package dev.lathe.supernet.text;

import java.text.Normalizer;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * How text falls into the pieces that byte pairs are merged within: at blanks, which a mark before the word stands for, and
 * before and behind each punctuation character. Nothing but the number of blanks is lost.
 */
final class Words {
    /** Stands for the blank before a word. */
    static final char BLANK = '\u2581';

    static final String BLANKS = "\\s+";
    private static final Pattern SPACE = Pattern.compile(BLANKS, Pattern.UNICODE_CHARACTER_CLASS);

    private Words() {}

    static void split(String text, Consumer<String> piece) {
        for (String word : SPACE.split(Normalizer.normalize(text, Normalizer.Form.NFC))) {
            if (!word.isEmpty()) {
                punctuation(BLANK + word, piece);
            }
        }
    }

    private static void punctuation(String word, Consumer<String> piece) {
        int from = 0;
        int at = 0;
        while (at < word.length()) {
            int c = word.codePointAt(at);
            int next = at + Character.charCount(c);
            if (isPunctuation(c)) {
                if (at > from) {
                    piece.accept(word.substring(from, at));
                }
                piece.accept(word.substring(at, next));
                from = next;
            }
            at = next;
        }
        if (from < word.length()) {
            piece.accept(word.substring(from));
        }
    }

    /** Punctuation of Unicode, and all of ASCII that is neither letter, digit nor blank. */
    private static boolean isPunctuation(int c) {
        if (c < 128) {
            return c > ' ' && c < 127 && !Character.isLetterOrDigit(c);
        }
        return switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }
}
