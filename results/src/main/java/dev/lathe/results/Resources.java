package dev.lathe.results;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Styles and scripts of the pages, from the jar. */
final class Resources {
    private Resources() {}

    static String text(String name) {
        try (InputStream in = Resources.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("Resource " + name + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("Resource " + name + " cannot be read", e);
        }
    }
}
