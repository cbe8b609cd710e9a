package dev.lathe.supernet.data;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Files that may be packed by gzip, read whole with a bound on what they unpack to. */
final class Packed {
    /** More than any data set that fits in memory here; a packed file may claim anything. */
    private static final int MAX_BYTES = 1 << 30;

    private Packed() {}

    /** The file of this name, or this name and {@code .gz}; null where there is neither. */
    static @Nullable Path find(Path folder, String name) {
        for (String suffix : new String[] {"", ".gz"}) {
            Path p = folder.resolve(name + suffix);
            if (Files.isRegularFile(p)) {
                return p;
            }
        }
        return null;
    }

    /** @throws InvalidInputException if it is missing, is no gzip file though named so, or is too large */
    static byte[] read(Path folder, String name) {
        Path file = find(folder, name);
        if (file == null) {
            throw new InvalidInputException("no file %s or %s.gz in %s".formatted(name, name, folder));
        }
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
                InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : raw) {
            byte[] bytes = in.readNBytes(MAX_BYTES);
            if (in.read() >= 0) {
                throw new InvalidInputException(
                        "%s unpacks to more than %d MiB; give a part of it".formatted(file, MAX_BYTES >> 20));
            }
            return bytes;
        } catch (IOException e) {
            throw new InvalidInputException(
                    "%s cannot be read: %s; copy it again".formatted(file, Names.shown(String.valueOf(e.getMessage()))),
                    e);
        }
    }
}
