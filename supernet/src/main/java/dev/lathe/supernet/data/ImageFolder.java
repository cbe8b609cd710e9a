package dev.lathe.supernet.data;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.supernet.data.ImageFiles.Item;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Labelled images from files {@code CLASS/name.png} (or jpg, jpeg), in a folder or a ZIP. Where {@code train} and {@code
 * test} (and perhaps {@code val}) lie above the classes, as folders or as {@code train.zip} and {@code test.zip}, they are
 * the parts; otherwise 70, 15 and 15 of 100 images of each class train, validate and test, cut by the seed.
 *
 * <p>Hidden files, {@code __MACOSX} and files of other types are passed over. Images that cannot be read are left out, counted
 * and named, or refused. The files may be foreign: dimensions are read before an image is decoded, and the bytes of a ZIP entry
 * are counted as they are unpacked. Names decide the order, so the same files give the same data set.
 *
 * <p>Memory: three bytes a pixel at the data set's size while files are read, one decoded file at a time, then four bytes a
 * value; what that comes to is known, and refused where it does not fit, before the first image is decoded.
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
     * @param strict whether an image that cannot be read is refused, and not left out
     */
    public record Options(int imageSize, Channels channels, long seed, boolean strict) {
        public Options {
            if (imageSize < 0 || imageSize > MAX_SIDE) {
                throw new InvalidInputException(
                        "imageSize is %d; it must be 1 to %d, or 0 for the images' own".formatted(imageSize, MAX_SIDE));
            }
        }

        /** Images that cannot be read are left out. */
        public Options(int imageSize, Channels channels, long seed) {
            this(imageSize, channels, seed, false);
        }

        public static Options defaults(long seed) {
            return new Options(0, Channels.AUTO, seed);
        }

        /** The same, refusing images that cannot be read, or not. */
        public Options withStrict(boolean newStrict) {
            return new Options(imageSize, channels, seed, newStrict);
        }
    }

    static final int MAX_SIDE = 256;

    private static final int OWN_SIZE_LIMIT = 64;
    private static final int DEFAULT_SIZE = 32;
    private static final int MIN_IMAGES_PER_CLASS = 3;
    private static final long MAX_TOTAL_VALUES = 256L << 20;
    private static final double VALIDATION = 0.15;
    private static final double TEST = 0.15;

    /** Part of the process's memory that a data set may take; the rest is for copies of batches and for everything else. */
    private static final double MEMORY_SHARE = 0.7;

    private final Path path;
    private final Options options;
    private final long memoryBytes;
    private final Damaged damaged;

    private ImageFolder(Path path, Options options, long memoryBytes) {
        this.path = path;
        this.options = options;
        this.memoryBytes = memoryBytes;
        this.damaged = new Damaged(path);
    }

    /**
     * Reads images and cuts them in parts.
     *
     * @param path a folder or a ZIP file
     * @throws InvalidInputException in one line, if the path is missing, there are fewer than 2 classes or fewer than 3
     *     images in one, a class folder holds none, the parts have different classes, the images do not fit in memory, or, where
     *     that is asked for, one cannot be read
     */
    public static DataSplit load(Path path, Options options) {
        return load(path, options, (long) (MEMORY_SHARE * Runtime.getRuntime().maxMemory()));
    }

    /** @param memoryBytes that the data set may take */
    static DataSplit load(Path path, Options options, long memoryBytes) {
        try (ImageFiles files = ImageFiles.of(path)) {
            return new ImageFolder(path, options, memoryBytes).read(files.items());
        } catch (IOException e) {
            throw new InvalidInputException(
                    "%s cannot be read: %s".formatted(path, Names.shown(String.valueOf(e.getMessage()))), e);
        }
    }

    /** Images of one part and their classes. */
    private record Part(List<ImagePixels> images, List<Integer> labels) {}

    private DataSplit read(List<Item> items) {
        if (items.stream().allMatch(Item::isFolder)) {
            throw new InvalidInputException(
                    "%s has no images; expected CLASS/name.png, .jpg or .jpeg in it".formatted(path));
        }
        List<Item> train = ImageFiles.part(items, ImageFiles.TRAIN_NAMES);
        List<Item> test = ImageFiles.part(items, ImageFiles.TEST_NAMES);
        List<Item> validation = ImageFiles.part(items, ImageFiles.VALIDATION_NAMES);
        boolean cut = train.stream().allMatch(Item::isFolder) || test.stream().allMatch(Item::isFolder);
        List<List<Item>> parts =
                cut ? List.of(items) : validation.isEmpty() ? List.of(train, test) : List.of(train, test, validation);
        List<String> classes = classes(parts.get(0));
        parts.forEach(this::requireFilled);
        parts = parts.stream()
                .map(p -> p.stream().filter(i -> !i.isFolder()).toList())
                .toList();
        int[] size = size(parts);
        long pixels = parts.stream().mapToLong(List::size).sum() * size[0] * size[1];
        requireMemory(pixels, 1, size);
        List<Part> decoded = new ArrayList<>();
        for (List<Item> p : parts) {
            decoded.add(decode(p, classes, size));
        }
        damaged.requireNoneWhere(options.strict());
        requireEnough(classes, decoded);
        boolean gray = options.channels() == Channels.GRAY
                || options.channels() == Channels.AUTO
                        && decoded.stream().flatMap(p -> p.images().stream()).allMatch(ImagePixels::gray);
        requireMemory(pixels, gray ? 1 : 3, size);
        return split(decoded, classes, size, gray, cut);
    }

    private DataSplit split(List<Part> parts, List<String> classes, int[] size, boolean gray, boolean cut) {
        List<int[]> cuts = new ArrayList<>();
        int[] labels = parts.get(0).labels().stream().mapToInt(i -> i).toArray();
        if (cut) {
            cuts.addAll(Stratified.cut(labels, classes.size(), options.seed(), VALIDATION, TEST));
        } else if (parts.size() == 2) {
            cuts.addAll(Stratified.cut(labels, classes.size(), options.seed(), VALIDATION));
        } else {
            cuts.add(all(parts.get(0)));
        }
        Part first = parts.get(0);
        ImageDataset train = dataset("train", first, cuts.get(0), classes, size, gray);
        ImageDataset validation = parts.size() == 3
                ? dataset("validation", parts.get(2), all(parts.get(2)), classes, size, gray)
                : dataset("validation", first, cuts.get(1), classes, size, gray);
        ImageDataset test = cut
                ? dataset("test", first, cuts.get(2), classes, size, gray)
                : dataset("test", parts.get(1), all(parts.get(1)), classes, size, gray);
        return DataSplit.of(train, validation, test).withNotes(damaged.notes());
    }

    private static int[] all(Part part) {
        return java.util.stream.IntStream.range(0, part.images().size()).toArray();
    }

    private ImageDataset dataset(
            String which, Part part, int[] images, List<String> classes, int[] size, boolean gray) {
        String name = path.toAbsolutePath().normalize().getFileName() + " " + which;
        int channels = gray ? 1 : 3;
        int length = channels * size[0] * size[1];
        float[] pixels = new float[images.length * length];
        int[] labels = new int[images.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = part.labels().get(images[i]);
            part.images().get(images[i]).copy(gray, pixels, i * length);
        }
        return new ImageDataset(name, "", channels, size[0], size[1], classes, pixels, labels);
    }

    private void requireMemory(long pixels, int channels, int[] size) {
        long values = pixels * channels;
        // Bytes of what is read, and of the floats that become of it.
        long bytes = 3 * pixels + Float.BYTES * values;
        if (values > MAX_TOTAL_VALUES || bytes > memoryBytes) {
            throw new InvalidInputException(
                    "%s would need %d MiB of memory at %d x %d pixels, and a data set may have %d MiB here; set a smaller imageSize, give a part of the images, or more memory (LATHE_JAVA_OPTS=-Xmx8g)"
                            .formatted(
                                    path,
                                    (bytes >> 20) + 1,
                                    size[1],
                                    size[0],
                                    Math.min(memoryBytes, (3 + Float.BYTES) * MAX_TOTAL_VALUES) >> 20));
        }
    }

    /** Class names of a part, sorted. */
    private List<String> classes(List<Item> items) {
        Map<String, Integer> counts = new TreeMap<>();
        for (Item i : items) {
            if (i.path().size() < 2) {
                throw new InvalidInputException("image '%s' of %s lies in no class folder; expected CLASS/%s"
                        .formatted(Names.shown(i.shown()), path, Names.shown(i.file())));
            }
            if (!i.isFolder()) {
                counts.merge(i.path().get(0), 1, Integer::sum);
            }
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

    /** A class folder without images is a class that nothing can be learnt or known of. */
    private void requireFilled(List<Item> part) {
        TreeSet<String> filled = new TreeSet<>();
        part.stream()
                .filter(i -> !i.isFolder())
                .forEach(i -> filled.add(i.path().get(0)));
        for (Item i : part) {
            if (i.isFolder()
                    && i.path().size() == 2
                    && !filled.contains(i.path().get(0))) {
                throw new InvalidInputException(
                        "class folder '%s' of %s has no images (.png, .jpg or .jpeg); add some, or take the folder away"
                                .formatted(Names.shown(i.shown()), path));
            }
        }
    }

    private void requireEnough(List<String> classes, List<Part> parts) {
        int[] counts = new int[classes.size()];
        parts.get(0).labels().forEach(l -> counts[l]++);
        for (int c = 0; c < counts.length; c++) {
            if (counts[c] < MIN_IMAGES_PER_CLASS) {
                throw new InvalidInputException(
                        "class '%s' of %s has %d image(s) that can be read; at least %d are needed; %s"
                                .formatted(
                                        Names.shown(classes.get(c)),
                                        path,
                                        counts[c],
                                        MIN_IMAGES_PER_CLASS,
                                        damaged.first()));
            }
        }
        for (Part p : parts) {
            if (p.images().isEmpty()) {
                throw new InvalidInputException(
                        "a part of %s has no image that can be read; %s".formatted(path, damaged.first()));
            }
        }
    }

    private Part decode(List<Item> items, List<String> classes, int[] size) {
        Part part = new Part(new ArrayList<>(), new ArrayList<>());
        for (Item i : items) {
            int label = i.path().size() < 2
                    ? -1
                    : Collections.binarySearch(classes, i.path().get(0));
            if (label < 0) {
                throw new InvalidInputException(
                        "image '%s' of %s is of no class of the training part; its classes are %s"
                                .formatted(Names.shown(i.shown()), path, Names.shown(String.join(", ", classes))));
            }
            try {
                part.images().add(ImagePixels.decode(i.bytes(), size[1], size[0]));
                part.labels().add(label);
                damaged.read();
            } catch (IOException e) {
                damaged.add(i.shown(), e);
            }
        }
        return part;
    }

    /** Height and width of the data set's images. */
    private int[] size(List<List<Item>> parts) {
        if (options.imageSize() > 0) {
            return new int[] {options.imageSize(), options.imageSize()};
        }
        int[] own = null;
        for (List<Item> part : parts) {
            for (Item i : part) {
                int[] extents;
                try {
                    extents = ImagePixels.extents(i.bytes());
                } catch (IOException e) {
                    // It will be met again when it is decoded.
                    continue;
                }
                if (Math.max(extents[0], extents[1]) > OWN_SIZE_LIMIT
                        || own != null && !java.util.Arrays.equals(own, extents)) {
                    return new int[] {DEFAULT_SIZE, DEFAULT_SIZE};
                }
                own = extents;
            }
        }
        return own == null ? new int[] {DEFAULT_SIZE, DEFAULT_SIZE} : new int[] {own[1], own[0]};
    }
}
