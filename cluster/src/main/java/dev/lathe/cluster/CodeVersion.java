package dev.lathe.cluster;

import dev.lathe.base.AppendLog;
import dev.lathe.base.Hashes;
import dev.lathe.evolve.BatchEvaluator;
import dev.lathe.graph.Graph;
import dev.lathe.predict.ArchitectureScorer;
import dev.lathe.space.SearchSpace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Which code a process scores with, as a hash over the classes of the modules that decide a value or a path. A number of a version
 * would be the same for two builds of which only one has a mended cost model.
 */
final class CodeVersion {
    private static final List<Class<?>> OF_EACH_MODULE =
            List.of(AppendLog.class, Graph.class, SearchSpace.class, ArchitectureScorer.class, BatchEvaluator.class);

    private static final Map<Class<?>, String> KNOWN = new ConcurrentHashMap<>();

    private CodeVersion() {}

    /**
     * Of this process, with the module of what scores: 16 hexadecimal digits.
     *
     * @param source of the scorer
     */
    static String of(Class<?> source) {
        return KNOWN.computeIfAbsent(source, CodeVersion::compute);
    }

    private static String compute(Class<?> source) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Set<URI> modules = new LinkedHashSet<>();
        try {
            for (Class<?> c : OF_EACH_MODULE) {
                modules.add(location(c));
            }
            modules.add(location(source));
            for (URI location : modules) {
                Path path = Path.of(location);
                if (Files.isDirectory(path)) {
                    add(path, all);
                } else {
                    try (FileSystem jar = FileSystems.newFileSystem(path, Map.of())) {
                        add(jar.getPath("/"), all);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("A class's location is no address", e);
        }
        return Hashes.sha256(all.toByteArray()).substring(0, 16);
    }

    private static URI location(Class<?> c) throws URISyntaxException {
        return c.getProtectionDomain().getCodeSource().getLocation().toURI();
    }

    private static void add(Path root, ByteArrayOutputStream all) throws IOException {
        // A jar may hold libraries, too.
        try (Stream<Path> files = Files.walk(root.resolve("dev/lathe"))) {
            List<Path> classes = files.filter(p -> p.toString().endsWith(".class"))
                    .sorted((a, b) -> name(root, a).compareTo(name(root, b)))
                    .toList();
            for (Path p : classes) {
                all.writeBytes(name(root, p).getBytes(StandardCharsets.UTF_8));
                try (InputStream in = Files.newInputStream(p)) {
                    in.transferTo(all);
                }
            }
        }
    }

    /** The same in a folder and in a jar. */
    private static String name(Path root, Path file) {
        return root.relativize(file).toString().replace('\\', '/');
    }
}
