package dev.lathe.graph.c;

import dev.lathe.base.Names;
import java.nio.charset.StandardCharsets;

/** Foreign text within C sources: names of classes and data are anyone's, and must neither end a comment nor a literal. */
final class CText {
    private static final int LONGEST_NOTE = 4000;

    private CText() {}

    /** What stands in a block comment: one line, cut where it is long, that neither ends nor begins a comment. */
    static String comment(String text) {
        StringBuilder line = new StringBuilder();
        text.codePoints().limit(LONGEST_NOTE).forEach(c -> line.appendCodePoint(isPlain(c) ? c : '?'));
        if (text.codePointCount(0, text.length()) > LONGEST_NOTE) {
            line.append('…');
        }
        // "??/" is a backslash to old compilers, and a backslash joins its line with the next one.
        return line.toString()
                .replace('\\', '/')
                .replace("??", "? ?")
                .replace("??", "? ?")
                .replace("*/", "* /")
                .replace("/*", "/ *");
    }

    /** A string literal of at most 80 characters: letters, digits and blanks as they are, all other bytes of UTF-8 by number. */
    static String literal(String text) {
        StringBuilder s = new StringBuilder("\"");
        for (byte b : Names.shown(text).getBytes(StandardCharsets.UTF_8)) {
            boolean letter = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9';
            s.append(letter || " -_.,".indexOf(b) >= 0 ? Character.toString(b) : "\\%03o".formatted(b & 0xff));
        }
        return s.append('"').toString();
    }

    /** Whether a character can do nothing to a line of text: neither break it nor turn its direction. */
    private static boolean isPlain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }
}
