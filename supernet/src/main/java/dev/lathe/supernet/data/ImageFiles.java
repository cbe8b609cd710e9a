package dev.lathe.supernet.data;

import dev.lathe.base.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** The image files below a folder or in a ZIP, by name, not read yet. Closing it closes the ZIP files. */
final class ImageFiles implements AutoCloseable {
    static final List<String> TRAIN_NAMES = List.of("train", "training");
    static final List<String> VALIDATION_NAMES = List.of("val", "valid", "validation");
    static final List<String> TEST_NAMES = List.of("test", "testing");

    static final long MAX_FILE_BYTES = 64L << 20;
    private static final int MAX_FILES = 1_000_000;

    /** One image file, wherever it lies. */
    private interface Source {
        byte[] bytes() throws IOException;
    }

    /**
     * A file, or a folder, and where it stands.
     *
     * @param path segments below the root; the last is the file's name, of a folder the empty text
     */
    record Item(List<String> path, String shown, Source source) {
        boolean isFolder() {
            return file().isEmpty();
        }

        String file() {
            return path.get(path.size() - 1);
        }

        /** Without its first segment. */
        Item below() {
            return new Item(path.subList(1, path.size()), shown, source);
        }

        byte[] bytes() throws IOException {
            return source.bytes();
        }
    }

    private final Path path;
    private final List<ZipFile> open = new ArrayList<>();
    private final List<Item> items = new ArrayList<>();

    private ImageFiles(Path path) {
        this.path = path;
    }

    /** @throws InvalidInputException if there is nothing at the path, a ZIP is none, or there are too many files */
    static ImageFiles of(Path path) throws IOException {
        ImageFiles files = new ImageFiles(path);
        try {
            files.find();
            return files;
        } catch (IOException | RuntimeException e) {
            files.close();
            throw e;
        }
    }

    /** Files and folders in the order of their names, without a folder that holds everything. */
    List<Item> items() {
        return strip(items);
    }

    private void find() throws IOException {
        if (Files.isDirectory(path)) {
            try (Stream<Path> walk = Files.walk(path, 4)) {
                for (Path file : (Iterable<Path>) walk::iterator) {
                    if (items.size() < MAX_FILES) {
                        add(file);
                    }
                }
            }
        } else if (Files.isRegularFile(path)) {
            addZip(path, List.of());
        } else {
            throw new InvalidInputException("no folder or ZIP file at %s".formatted(path));
        }
        if (items.size() >= MAX_FILES) {
            throw new InvalidInputException(
                    "%s has more than %d images; give a part of them".formatted(path, MAX_FILES - 1));
        }
        items.sort(Comparator.comparing(i -> String.join("/", i.path())));
    }

    private void add(Path file) throws IOException {
        List<String> segments = new ArrayList<>();
        path.relativize(file).forEach(s -> segments.add(s.toString()));
        if (hidden(segments) || file.equals(path)) {
            return;
        }
        String shown = path.relativize(file).toString();
        String lower = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (Files.isDirectory(file)) {
            items.add(folder(segments, shown));
        } else if (!Files.isRegularFile(file)) {
            return;
        } else if (segments.size() == 1 && lower.endsWith(".zip")) {
            String part = lower.substring(0, lower.length() - ".zip".length());
            if (TRAIN_NAMES.contains(part) || TEST_NAMES.contains(part) || VALIDATION_NAMES.contains(part)) {
                addZip(file, List.of(part));
            }
        } else if (isImage(lower)) {
            items.add(new Item(segments, shown, () -> {
                if (Files.size(file) > MAX_FILE_BYTES) {
                    throw new IOException("the file has more than %d MiB".formatted(MAX_FILE_BYTES >> 20));
                }
                return Files.readAllBytes(file);
            }));
        }
    }

    private static Item folder(List<String> segments, String shown) {
        List<String> path = new ArrayList<>(segments);
        path.add("");
        return new Item(path, shown, () -> new byte[0]);
    }

    /** @param above segments that stand for the ZIP itself; a folder of the same name at its top is the same */
    private void addZip(Path file, List<String> above) throws IOException {
        ZipFile zip;
        try {
            zip = new ZipFile(file.toFile());
        } catch (ZipException e) {
            throw new InvalidInputException("%s is no ZIP file, or a damaged one".formatted(file), e);
        }
        open.add(zip);
        List<Item> found = new ArrayList<>();
        Enumeration<? extends ZipEntry> entries = zip.entries();
        while (entries.hasMoreElements() && items.size() + found.size() < MAX_FILES) {
            ZipEntry entry = entries.nextElement();
            List<String> segments =
                    new ArrayList<>(List.of(entry.getName().replace('\\', '/').split("/")));
            segments.removeIf(s -> s.isEmpty() || s.equals("."));
            if (segments.isEmpty() || hidden(segments)) {
                continue;
            }
            if (entry.isDirectory()) {
                found.add(folder(segments, entry.getName()));
            } else if (isImage(segments.get(segments.size() - 1).toLowerCase(Locale.ROOT))) {
                found.add(new Item(segments, entry.getName(), () -> unpack(zip, entry)));
            }
        }
        for (Item i : strip(found)) {
            List<String> segments = new ArrayList<>(above);
            segments.addAll(
                    !above.isEmpty() && i.path().size() > 2
                            ? i.path().subList(1, i.path().size())
                            : i.path());
            items.add(new Item(segments, file.getFileName() + "/" + i.shown(), i.source()));
        }
    }

    /** What an entry's header says of its size is not believed; the bytes are counted. */
    private static byte[] unpack(ZipFile zip, ZipEntry entry) throws IOException {
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] bytes = in.readNBytes((int) MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new IOException("it unpacks to more than %d MiB".formatted(MAX_FILE_BYTES >> 20));
            }
            return bytes;
        }
    }

    private static boolean hidden(List<String> segments) {
        return segments.stream().anyMatch(s -> s.startsWith(".") || s.equals("__MACOSX"));
    }

    private static boolean isImage(String lowerCaseName) {
        return lowerCaseName.endsWith(".png") || lowerCaseName.endsWith(".jpg") || lowerCaseName.endsWith(".jpeg");
    }

    /** Takes off one folder that holds all files, as archives often have, unless it is the only class. */
    private static List<Item> strip(List<Item> items) {
        List<Item> now = items;
        while (true) {
            List<Item> files = now.stream().filter(i -> !i.isFolder()).toList();
            if (files.isEmpty() || files.stream().anyMatch(i -> i.path().size() <= 2)) {
                return now;
            }
            String top = files.get(0).path().get(0);
            if (!files.stream().allMatch(i -> i.path().get(0).equals(top))) {
                return now;
            }
            now = now.stream()
                    .filter(i -> i.path().size() > 2 && i.path().get(0).equals(top))
                    .map(Item::below)
                    .toList();
        }
    }

    /** Items under one of the names, without it; files right below it have no class and are left to the check. */
    static List<Item> part(List<Item> items, List<String> names) {
        return items.stream()
                .filter(i ->
                        i.path().size() > 2 && names.contains(i.path().get(0).toLowerCase(Locale.ROOT)))
                .map(Item::below)
                .toList();
    }

    @Override
    public void close() {
        for (ZipFile zip : open) {
            try {
                zip.close();
            } catch (IOException e) {
                // It was only read; there is nothing to lose.
            }
        }
    }
}
