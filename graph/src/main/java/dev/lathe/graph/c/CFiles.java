package dev.lathe.graph.c;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The fixed sources that exported networks are built with, by file name. */
public final class CFiles {
    private CFiles() {}

    /** Kernels that every network calls. */
    public static Map<String, String> kernels() {
        return read(
                "lathe_ops.h",
                "lathe_math.h",
                "lathe_dense.c",
                "lathe_depthwise.c",
                "lathe_norm.c",
                "lathe_attention.c",
                "lathe_elements.c",
                "lathe_parts.c");
    }

    /** Start-up code and output on a host and on an emulated board, and the linker script with the budgets. */
    public static Map<String, String> ports() {
        return read("port.h", "port_host.c", "port_mcu.c", "mcu.ld");
    }

    /** A program that counts the instructions of each kernel on fixed shapes. */
    public static Map<String, String> rates() {
        return read("rates.c");
    }

    private static Map<String, String> read(String... names) {
        Map<String, String> files = new LinkedHashMap<>();
        for (String name : names) {
            try (InputStream in = CFiles.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IllegalStateException("The jar has no " + name);
                }
                files.put(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return files;
    }
}
