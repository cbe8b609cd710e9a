package dev.lathe.device.pool;

import dev.lathe.base.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The device tables that there are: the built-in ones, and those in a user's folder, which win where names are equal. */
public final class DevicePool {
    /** Ending of a finished table's name. */
    public static final String ENDING = ".csv";

    private static final long MOST_BYTES = 64 << 20;

    private DevicePool() {}

    /** Where the table of a device and space lies in a folder of tables. */
    public static Path file(Path folder, String space, String device) {
        return folder.resolve(space).resolve(device + ENDING);
    }

    /**
     * All tables of a space, ordered by device.
     *
     * @param task what the networks take and give, as {@link PoolTable#task}
     * @param folder the user's own tables, or null
     * @throws InvalidInputException naming file and line, if a table of the folder is damaged
     */
    public static List<PoolTable> tables(String space, String task, @Nullable Path folder) throws IOException {
        Map<String, PoolTable> byDevice = new LinkedHashMap<>();
        for (String name : resource("index.txt").lines().toList()) {
            if (name.startsWith(space + "/")) {
                PoolTable t = PoolTable.parse(name, resource(name));
                byDevice.put(t.device(), t);
            }
        }
        if (folder != null && Files.isDirectory(folder.resolve(space))) {
            try (Stream<Path> files = Files.list(folder.resolve(space))) {
                for (Path p : files.filter(f ->
                                f.toString().endsWith(ENDING) && !f.toString().endsWith(".partial.csv"))
                        .sorted()
                        .toList()) {
                    PoolTable t = read(p);
                    byDevice.put(t.device(), t);
                }
            }
        }
        return new ArrayList<>(byDevice.values())
                .stream()
                        .filter(t -> t.space().equals(space) && t.task().equals(task))
                        .sorted(java.util.Comparator.comparing(PoolTable::device))
                        .toList();
    }

    /** @throws InvalidInputException naming file and line, if it is no table */
    public static PoolTable read(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new InvalidInputException(
                    "%s is longer than 64 MiB, which no device table is; remove it".formatted(file));
        }
        return PoolTable.parse(file.toString(), new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    }

    private static String resource(String name) {
        try (InputStream in = DevicePool.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
