package dev.lathe.notebook;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a cell shows: one thing in several forms, of which a reader takes the richest that it can show.
 *
 * @param forms texts by MIME type, {@code text/plain} among them
 */
public record Display(Map<String, String> forms) {
    private static final String PLAIN = "text/plain";

    public Display {
        if (!forms.containsKey(PLAIN)) {
            throw new IllegalArgumentException("A display needs a text/plain form, for readers without pictures");
        }
        forms = Collections.unmodifiableMap(new LinkedHashMap<>(forms));
    }

    /** Plain text. */
    public static Display text(String text) {
        return new Display(Map.of(PLAIN, text));
    }

    /**
     * A picture.
     *
     * @param svg a whole SVG document
     * @param name what it shows, for those who do not see it
     */
    public static Display svg(String svg, String name) {
        return of("image/svg+xml", svg, name);
    }

    /**
     * Markup.
     *
     * @param name what it shows, for those who do not see it
     */
    public static Display html(String html, String name) {
        return of("text/html", html, name);
    }

    private static Display of(String type, String content, String name) {
        Map<String, String> forms = new LinkedHashMap<>();
        forms.put(PLAIN, name);
        forms.put(type, content);
        return new Display(forms);
    }

    /** What a cell's value is shown as: itself where it is a display, its text otherwise. */
    public static Display ofValue(Object value) {
        return value instanceof Display d ? d : text(String.valueOf(value));
    }
}
