package dev.lathe.results;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a folder of results must hold: a file {@value #FILE} with a line for every other file, its SHA-256 and its path, sorted by
 * path, as {@code sha256sum --check} reads it. The form is strict, so that no byte of the file itself can change unnoticed.
 */
public final class Checksums {
    /** Name of the file in the folder. */
    public static final String FILE = "SHA256SUMS";

    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64})  ([A-Za-z0-9_][A-Za-z0-9._/-]*)");
    private static final int MOST_FILE_BYTES = 64 << 20;

    private Checksums() {}

    /**
     * Notes the files of one part of a folder anew, and leaves the lines of all others as they are. Files of that part that were
     * noted before and are not any more are deleted: they are leftovers of an earlier, larger export.
     *
     * @param part which paths, relative to the folder with {@code /} between names, the part has
     * @param written the part's files as they are now
     */
    public static void update(Path folder, Predicate<String> part, Collection<Path> written) throws IOException {
        Map<String, String> lines = new TreeMap<>();
        List<String> before = new ArrayList<>();
        Path file = folder.resolve(FILE);
        if (Files.exists(file)) {
            Matcher m = LINE.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            while (m.find()) {
                if (part.test(m.group(2))) {
                    before.add(m.group(2));
                } else {
                    lines.put(m.group(2), m.group(1));
                }
            }
        }
        for (Path w : written) {
            lines.put(relative(folder, w), Hashes.sha256(Files.readAllBytes(w)));
        }
        for (String old : before) {
            if (!lines.containsKey(old) && isWithin(old)) {
                Files.deleteIfExists(folder.resolve(old));
            }
        }
        StringBuilder text = new StringBuilder();
        lines.forEach(
                (path, hash) -> text.append(hash).append("  ").append(path).append('\n'));
        AtomicFiles.writeString(file, text.toString());
    }

    /** Every regular file in a folder and the folders in it, links not followed; sorted. */
    public static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(p -> !Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        }
    }

    /**
     * Compares a folder with its checksums.
     *
     * @return for each file that is changed, missing, too much or no plain file, and for each line that is none: path or line
     *     number, and what is wrong with it
     * @throws InvalidInputException if the folder has no checksums
     */
    public static Map<String, String> faults(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(
                    "%s has no %s; give the export folder of a run, or export again".formatted(folder, FILE));
        }
        if (Files.size(file) > MOST_FILE_BYTES) {
            throw new InvalidInputException("%s has %,d bytes, more than any list of checksums; export again"
                    .formatted(file, Files.size(file)));
        }
        Map<String, String> faults = new TreeMap<>();
        Map<String, String> expected = lines(Files.readString(file, StandardCharsets.ISO_8859_1), faults);
        for (Path p : files(folder)) {
            String path = relative(folder, p);
            String hash = expected.remove(path);
            if (path.equals(FILE)) {
                continue;
            }
            if (!Files.isRegularFile(p, LinkOption.NOFOLLOW_LINKS)) {
                faults.put(path, "is a link or device, not a file");
            } else if (hash == null) {
                faults.put(path, "is not in " + FILE + ": it was not exported with the rest");
            } else if (!hash.equals(Hashes.sha256(Files.readAllBytes(p)))) {
                faults.put(path, "was changed: its SHA-256 is not the one in " + FILE);
            }
        }
        expected.keySet().forEach(path -> faults.put(path, "is missing"));
        return faults;
    }

    private static Map<String, String> lines(String text, Map<String, String> faults) {
        Map<String, String> expected = new TreeMap<>();
        String before = "";
        int number = 0;
        boolean ended = text.endsWith("\n");
        for (String line : (ended ? text.substring(0, text.length() - 1) : text).split("\n", -1)) {
            number++;
            Matcher m = LINE.matcher(line);
            if (!m.matches() || !isWithin(m.group(2)) || m.group(2).compareTo(before) <= 0) {
                faults.put(
                        FILE + " line " + number,
                        "is no line 'SHA-256, two spaces, path' in order of the paths: '%s'"
                                .formatted(Names.shown(line)));
                continue;
            }
            before = m.group(2);
            expected.put(before, m.group(1));
        }
        if (!ended) {
            faults.put(FILE, "does not end with a line end: it was cut off or changed");
        }
        return expected;
    }

    private static boolean isWithin(String path) {
        return Stream.of(path.split("/", -1)).noneMatch(n -> n.isEmpty() || n.equals(".") || n.equals(".."));
    }

    private static String relative(Path folder, Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }
}
