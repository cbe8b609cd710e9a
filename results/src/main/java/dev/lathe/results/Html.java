package dev.lathe.results;

/** Foreign text in a page. */
final class Html {
    private Html() {}

    /**
     * The text as content or as a quoted attribute of HTML and XML: markup is escaped, and characters that XML forbids or that
     * turn the direction of what follows are replaced.
     */
    static String text(String s) {
        StringBuilder b = new StringBuilder(s.length() + 16);
        s.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> b.append("&lt;");
                case '>' -> b.append("&gt;");
                case '&' -> b.append("&amp;");
                case '"' -> b.append("&quot;");
                case '\'' -> b.append("&#39;");
                default -> b.appendCodePoint(isPlain(c) ? c : '\uFFFD');
            }
        });
        return b.toString();
    }

    private static boolean isPlain(int c) {
        return c == '\n'
                || c == '\t'
                || !(Character.isISOControl(c)
                        || Character.getType(c) == Character.FORMAT
                        || Character.getType(c) == Character.SURROGATE
                        || (c & 0xFFFE) == 0xFFFE);
    }
}
