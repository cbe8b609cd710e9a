package dev.lathe.supernet.data;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Labelled images from files {@code CLASS/name.png} (or jpg, jpeg), in a folder or a ZIP. Where {@code train} and {@code
 * test} (and perhaps {@code val}) lie above the classes, as folders or as {@code train.zip} and {@code test.zip}, they are
 * the parts; otherwise 70, 15 and 15 of 100 images of each class train, validate and test, cut by the seed.
 *
 * <p>Hidden files, {@code __MACOSX} and files of other types are passed over. The files may be foreign: dimensions are read
 * before an image is decoded, and the bytes of a ZIP entry are counted as they are unpacked. Names decide the order, so
 * the same files give the same data set.
 */
public final class ImageFolder {
    /** Which channels the images are turned into. */
    public enum Channels {
        /** One where every image is gray, else three. */
        AUTO,
        GRAY,
        RGB
    }

    /**
     * How files become pixels.
     *
     * @param imageSize side of the square images; 0 keeps the files' own size if all are equal and at most 64 pixels a side,
     *     else means 32
     * @param channels gray, colour, or by what the files hold
     * @param seed of the cut
     */
    public record Options(int imageSize, Channels channels, long seed) {
        public Options {
            if (imageSize < 0 || imageSize > MAX_SIDE) {
                throw new InvalidInputException(
                        "imageSize is %d; it must be 1 to %d, or 0 for the images' own".formatted(imageSize, MAX_SIDE));
            }
        }

        public static Options defaults(long seed) {
            return new Options(0, Channels.AUTO, seed);
        }
    }

    private static final int MAX_SIDE = 256;
    private static final int OWN_SIZE_LIMIT = 64;
    private static final int DEFAULT_SIZE = 32;
    private static final int MIN_IMAGES_PER_CLASS = 3;
    private static final long MAX_PIXELS = 64L << 20;
    private static final long MAX_FILE_BYTES = 64L << 20;
    private static final long MAX_TOTAL_VALUES = 256L << 20;
    private static final int MAX_FILES = 1_000_000;
    private static final double VALIDATION = 0.15;
    private static final double TEST = 0.15;
    private static final List<String> TRAIN_NAMES = List.of("train", "training");
    private static final List<String> VALIDATION_NAMES = List.of("val", "valid", "validation");
    private static final List<String> TEST_NAMES = List.of("test", "testing");

    /** One image file, wherever it lies. */
    private interface Source {
        byte[] bytes() throws IOException;
    }

    /** A file and where it stands: path segments below the root, the last is the file's name. */
    private record Item(List<String> path, String shown, Source source) {
        String file() {
            return path.get(path.size() - 1);
        }
    }

    /** Decoded once, kept small: the pixels that the data set will have, or a larger image until the size is known. */
    private record Decoded(BufferedImage image, boolean gray) {}

    private ImageFolder() {}

    /**
     * Reads images and cuts them in parts.
     *
     * @param path a folder or a ZIP file
     * @throws InvalidInputException in one line, if the path is missing, there are fewer than 2 classes or fewer than 3
     *     images in one, an image is corrupt or too large, or the parts have different classes
     */
    public static DataSplit load(Path path, Options options) {
        List<ZipFile> open = new ArrayList<>();
        try {
            return load(path, options, open);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "%s cannot be read: %s".formatted(path, Names.shown(String.valueOf(e.getMessage()))), e);
        } finally {
            for (ZipFile zip : open) {
                try {
                    zip.close();
                } catch (IOException e) {
                    // It was only read; there is nothing to lose.
                }
            }
        }
    }

    private static DataSplit load(Path path, Options options, List<ZipFile> open) throws IOException {
        String name = String.valueOf(path.toAbsolutePath().normalize().getFileName());
        List<Item> items = strip(items(path, open));
        if (items.isEmpty()) {
            throw new InvalidInputException(
                    "%s has no images; expected CLASS/name.png, .jpg or .jpeg in it".formatted(path));
        }
        List<Item> train = part(items, TRAIN_NAMES);
        List<Item> test = part(items, TEST_NAMES);
        boolean cut = train.isEmpty() || test.isEmpty();
        List<List<Item>> parts = cut
                ? List.of(items)
                : part(items, VALIDATION_NAMES).isEmpty()
                        ? List.of(train, test)
                        : List.of(train, test, part(items, VALIDATION_NAMES));
        List<String> classes = classes(path, parts.get(0));
        List<List<Decoded>> decoded = decode(path, parts);
        int[] size = size(decoded, options);
        boolean gray = options.channels() == Channels.GRAY
                || options.channels() == Channels.AUTO
                        && decoded.stream().flatMap(List::stream).allMatch(Decoded::gray);
        long values = decoded.stream().mapToLong(List::size).sum() * size[0] * size[1] * (gray ? 1 : 3);
        if (values > MAX_TOTAL_VALUES) {
            throw new InvalidInputException("%s would need %d MiB at %d x %d pixels; set a smaller imageSize"
                    .formatted(path, values >> 18, size[1], size[0]));
        }
        List<ImageDataset> sets = new ArrayList<>();
        for (int p = 0; p < parts.size(); p++) {
            sets.add(dataset(path, name, classes, parts.get(p), decoded.get(p), size, gray));
        }
        if (cut) {
            List<int[]> c = Stratified.cut(sets.get(0).labels(), classes.size(), options.seed(), VALIDATION, TEST);
            return named(
                    name,
                    sets.get(0).subset(c.get(0)),
                    sets.get(0).subset(c.get(1)),
                    sets.get(0).subset(c.get(2)));
        }
        if (sets.size() == 3) {
            return named(name, sets.get(0), sets.get(2), sets.get(1));
        }
        List<int[]> c = Stratified.cut(sets.get(0).labels(), classes.size(), options.seed(), VALIDATION);
        return named(name, sets.get(0).subset(c.get(0)), sets.get(0).subset(c.get(1)), sets.get(1));
    }

    private static DataSplit named(String name, ImageDataset train, ImageDataset validation, ImageDataset test) {
        return DataSplit.of(
                train.named(name + " train"), validation.named(name + " validation"), test.named(name + " test"));
    }

    /** All image files below a folder or in a ZIP, in the order of their names. */
    private static List<Item> items(Path path, List<ZipFile> open) throws IOException {
        List<Item> items = new ArrayList<>();
        if (Files.isDirectory(path)) {
            try (Stream<Path> walk = Files.walk(path, 4)) {
                for (Path file : (Iterable<Path>) walk::iterator) {
                    if (Files.isRegularFile(file) && items.size() < MAX_FILES) {
                        addFile(path, file, items, open);
                    }
                }
            }
        } else if (Files.isRegularFile(path)) {
            addZip(path, List.of(), items, open);
        } else {
            throw new InvalidInputException("no folder or ZIP file at %s".formatted(path));
        }
        if (items.size() >= MAX_FILES) {
            throw new InvalidInputException(
                    "%s has more than %d images; give a part of them".formatted(path, MAX_FILES - 1));
        }
        items.sort(Comparator.comparing(i -> String.join("/", i.path())));
        return items;
    }

    private static void addFile(Path root, Path file, List<Item> items, List<ZipFile> open) throws IOException {
        List<String> segments = new ArrayList<>();
        root.relativize(file).forEach(s -> segments.add(s.toString()));
        String lower = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (hidden(segments)) {
            return;
        }
        if (segments.size() == 1 && lower.endsWith(".zip")) {
            String part = lower.substring(0, lower.length() - ".zip".length());
            if (TRAIN_NAMES.contains(part) || TEST_NAMES.contains(part) || VALIDATION_NAMES.contains(part)) {
                addZip(file, List.of(part), items, open);
            }
        } else if (isImage(lower)) {
            items.add(new Item(segments, root.relativize(file).toString(), () -> {
                if (Files.size(file) > MAX_FILE_BYTES) {
                    throw new IOException("the file has more than %d MiB".formatted(MAX_FILE_BYTES >> 20));
                }
                return Files.readAllBytes(file);
            }));
        }
    }

    /** @param above segments that stand for the ZIP itself; a folder of the same name at its top is the same */
    private static void addZip(Path file, List<String> above, List<Item> items, List<ZipFile> open) throws IOException {
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
            if (entry.isDirectory() || segments.isEmpty() || hidden(segments)) {
                continue;
            }
            if (isImage(segments.get(segments.size() - 1).toLowerCase(Locale.ROOT))) {
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

    /** Takes off one folder that holds everything, as archives often have, unless it is the only class. */
    private static List<Item> strip(List<Item> items) {
        List<Item> now = items;
        while (!now.isEmpty() && now.stream().allMatch(i -> i.path().size() > 2)) {
            String top = now.get(0).path().get(0);
            if (!now.stream().allMatch(i -> i.path().get(0).equals(top))) {
                return now;
            }
            now = now.stream()
                    .map(i -> new Item(i.path().subList(1, i.path().size()), i.shown(), i.source()))
                    .toList();
        }
        return now;
    }

    /** Items under one of the names, without it; files right below it have no class and are left to the check. */
    private static List<Item> part(List<Item> items, List<String> names) {
        return items.stream()
                .filter(i ->
                        i.path().size() > 2 && names.contains(i.path().get(0).toLowerCase(Locale.ROOT)))
                .map(i -> new Item(i.path().subList(1, i.path().size()), i.shown(), i.source()))
                .toList();
    }

    /** Class names of a part, sorted. */
    private static List<String> classes(Path path, List<Item> items) {
        Map<String, Integer> counts = new TreeMap<>();
        for (Item i : items) {
            if (i.path().size() < 2) {
                throw new InvalidInputException("image '%s' of %s lies in no class folder; expected CLASS/%s"
                        .formatted(Names.shown(i.shown()), path, Names.shown(i.file())));
            }
            counts.merge(i.path().get(0), 1, Integer::sum);
        }
        if (counts.size() < 2) {
            throw new InvalidInputException(
                    "%s has images of one class only, '%s'; a classifier needs at least 2 class folders"
                            .formatted(
                                    path, Names.shown(counts.keySet().iterator().next())));
        }
        counts.forEach((c, n) -> {
            if (n < MIN_IMAGES_PER_CLASS) {
                throw new InvalidInputException("class '%s' of %s has %d image(s); at least %d are needed"
                        .formatted(Names.shown(c), path, n, MIN_IMAGES_PER_CLASS));
            }
        });
        return List.copyOf(counts.keySet());
    }

    private static List<List<Decoded>> decode(Path path, List<List<Item>> parts) {
        List<List<Decoded>> all = new ArrayList<>();
        int bad = 0;
        int total = 0;
        String first = "";
        IOException cause = null;
        for (List<Item> part : parts) {
            List<Decoded> decoded = new ArrayList<>();
            for (Item i : part) {
                total++;
                try {
                    decoded.add(decode(i.source().bytes()));
                } catch (IOException e) {
                    if (cause == null) {
                        cause = e;
                        first = "'%s' (%s)"
                                .formatted(Names.shown(i.shown()), Names.shown(String.valueOf(e.getMessage())));
                    }
                    bad++;
                }
            }
            all.add(decoded);
        }
        if (cause != null) {
            throw new InvalidInputException(
                    "%d of %d images in %s cannot be used, the first is %s; mend or remove them"
                            .formatted(bad, total, path, first),
                    cause);
        }
        return all;
    }

    private static Decoded decode(byte[] bytes) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = in == null ? Collections.emptyIterator() : ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new IOException("no PNG or JPEG");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                long width = reader.getWidth(0);
                long height = reader.getHeight(0);
                if (width < 1 || height < 1 || width * height > MAX_PIXELS) {
                    throw new IOException(
                            "%d x %d pixels are more than %d million".formatted(width, height, MAX_PIXELS >> 20));
                }
                BufferedImage image = reader.read(0);
                // Nothing larger than can be asked for is kept: a thousand photographs would not fit in memory.
                return new Decoded(Math.max(width, height) > 2 * MAX_SIDE ? shrink(image) : image, isGray(image));
            } catch (RuntimeException e) {
                // Readers of the JDK answer some damaged files with unchecked exceptions.
                throw new IOException("damaged: " + e.getMessage(), e);
            } finally {
                reader.dispose();
            }
        }
    }

    private static BufferedImage shrink(BufferedImage image) {
        double f = 2.0 * MAX_SIDE / Math.max(image.getWidth(), image.getHeight());
        return scaled(image, Math.max(1, (int) Math.round(image.getWidth() * f)), Math.max(1, (int)
                Math.round(image.getHeight() * f)));
    }

    private static boolean isGray(BufferedImage image) {
        if (image.getRaster().getNumBands() < 3 && image.getColorModel().getNumColorComponents() == 1) {
            return true;
        }
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int c = image.getRGB(x, y);
                if ((c >> 16 & 255) != (c >> 8 & 255) || (c >> 8 & 255) != (c & 255)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Height and width of the data set's images. */
    private static int[] size(List<List<Decoded>> decoded, Options options) {
        if (options.imageSize() > 0) {
            return new int[] {options.imageSize(), options.imageSize()};
        }
        TreeSet<Integer> heights = new TreeSet<>();
        TreeSet<Integer> widths = new TreeSet<>();
        decoded.stream().flatMap(List::stream).forEach(d -> {
            heights.add(d.image().getHeight());
            widths.add(d.image().getWidth());
        });
        boolean own = heights.size() == 1
                && widths.size() == 1
                && Math.max(heights.first(), widths.first()) <= OWN_SIZE_LIMIT;
        return own ? new int[] {heights.first(), widths.first()} : new int[] {DEFAULT_SIZE, DEFAULT_SIZE};
    }

    private static ImageDataset dataset(
            Path path,
            String name,
            List<String> classes,
            List<Item> items,
            List<Decoded> decoded,
            int[] size,
            boolean gray) {
        int plane = size[0] * size[1];
        int channels = gray ? 1 : 3;
        float[] pixels = new float[items.size() * channels * plane];
        int[] labels = new int[items.size()];
        for (int i = 0; i < labels.length; i++) {
            Item item = items.get(i);
            int label = item.path().size() < 2
                    ? -1
                    : Collections.binarySearch(classes, item.path().get(0));
            if (label < 0) {
                throw new InvalidInputException(
                        "image '%s' of %s is of no class of the training part; its classes are %s"
                                .formatted(Names.shown(item.shown()), path, Names.shown(String.join(", ", classes))));
            }
            labels[i] = label;
            toPixels(scaled(decoded.get(i).image(), size[1], size[0]), gray, pixels, i * channels * plane);
        }
        return new ImageDataset(name, "", channels, size[0], size[1], classes, pixels, labels);
    }

    /** Halves until near, then bilinear: nearly the mean over the area each new pixel covers. */
    private static BufferedImage scaled(BufferedImage image, int width, int height) {
        BufferedImage now = opaque(image);
        while (now.getWidth() != width || now.getHeight() != height) {
            int w = now.getWidth() >= 2 * width ? now.getWidth() / 2 : width;
            int h = now.getHeight() >= 2 * height ? now.getHeight() / 2 : height;
            BufferedImage next = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
            Graphics2D g = next.createGraphics();
            g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
            g.drawImage(now, 0, 0, w, h, null);
            g.dispose();
            now = next;
        }
        return now;
    }

    /** As 8-bit RGB values, transparent parts over black; gray files keep their numbers, without a change of gamma. */
    private static BufferedImage opaque(BufferedImage image) {
        if (image.getType() == BufferedImage.TYPE_INT_RGB) {
            return image;
        }
        BufferedImage rgb = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        boolean plainGray = image.getType() == BufferedImage.TYPE_BYTE_GRAY;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int c;
                if (plainGray) {
                    int v = image.getRaster().getSample(x, y, 0);
                    c = v << 16 | v << 8 | v;
                } else {
                    int argb = image.getRGB(x, y);
                    int a = argb >>> 24;
                    c = (argb >> 16 & 255) * a / 255 << 16 | (argb >> 8 & 255) * a / 255 << 8 | (argb & 255) * a / 255;
                }
                rgb.setRGB(x, y, c);
            }
        }
        return rgb;
    }

    private static void toPixels(BufferedImage image, boolean gray, float[] target, int offset) {
        int plane = image.getWidth() * image.getHeight();
        for (int k = 0; k < plane; k++) {
            int c = image.getRGB(k % image.getWidth(), k / image.getWidth());
            float r = (c >> 16 & 255) / 255f;
            float g = (c >> 8 & 255) / 255f;
            float b = (c & 255) / 255f;
            if (gray) {
                // Equal channels keep their value exactly.
                target[offset + k] = r == g && g == b ? r : 0.299f * r + 0.587f * g + 0.114f * b;
            } else {
                target[offset + k] = r;
                target[offset + plane + k] = g;
                target[offset + 2 * plane + k] = b;
            }
        }
    }
}
