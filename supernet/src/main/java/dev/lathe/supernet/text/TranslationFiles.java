package dev.lathe.supernet.text;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Parallel text by reference: {@code multi30k:DIR}, or {@code parallel:SOURCE,TARGET} for two files of one's own. */
public final class TranslationFiles {
    /** Multi30k, English to German, in its own files. */
    public static final String MULTI30K = "multi30k:";
    /** Two files whose lines translate each other. */
    public static final String PARALLEL = "parallel:";

    /** Elliott et al.; kept with everything that is made of the text. */
    private static final String MULTI30K_ATTRIBUTION =
            "D. Elliott, S. Frank, K. Sima'an, L. Specia (2016), \"Multi30K: Multilingual English-German Image Descriptions\", https://doi.org/10.18653/v1/W16-3210, for research";

    /** On 29,000 sentences a tenth more tokens than 10,000 merges give, and half the weights in tables. */
    private static final int MERGES = 4000;
    /** Of one's own text, a twentieth each for validation and test, but no more pairs than this. */
    private static final int MOST_HELD_OUT = 1000;

    private static final int LEAST_PAIRS = 20;

    private TranslationFiles() {}

    /** Whether a reference to data is one to parallel text. */
    public static boolean isText(String reference) {
        return reference.startsWith(MULTI30K) || reference.startsWith(PARALLEL);
    }

    /**
     * Reads the text.
     *
     * @param seed decides which pairs of one's own text are held out
     * @throws InvalidInputException in one line, if it is missing, damaged, or too little
     */
    public static TranslationData load(String reference, long seed) {
        return load(reference, seed, false);
    }

    /**
     * The same.
     *
     * @param strict whether a pair of which a side is empty or too long is refused, and not left out
     */
    public static TranslationData load(String reference, long seed, boolean strict) {
        try {
            if (reference.startsWith(MULTI30K)) {
                return multi30k(Path.of(reference.substring(MULTI30K.length())), strict);
            }
            String[] files = reference.substring(PARALLEL.length()).split(",", -1);
            if (!reference.startsWith(PARALLEL) || files.length != 2) {
                throw new InvalidInputException(
                        "parallel text is '%s'; give multi30k:DIR or parallel:SOURCE_FILE,TARGET_FILE"
                                .formatted(reference));
            }
            return own(ParallelText.read(Path.of(files[0]), Path.of(files[1]), strict), seed);
        } catch (InvalidPathException e) {
            throw new InvalidInputException("data '%s' is no path".formatted(reference), e);
        }
    }

    private static TranslationData multi30k(Path folder, boolean strict) {
        return TranslationData.of(
                "multi30k en-de",
                MULTI30K_ATTRIBUTION,
                part(folder, "train", strict),
                part(folder, "val", strict),
                part(folder, "test_2016_flickr", strict),
                MERGES);
    }

    private static ParallelText part(Path folder, String name, boolean strict) {
        return ParallelText.read(folder.resolve(name + ".en"), folder.resolve(name + ".de"), strict);
    }

    private static TranslationData own(ParallelText all, long seed) {
        if (all.size() < LEAST_PAIRS) {
            throw new InvalidInputException("the parallel text has %d pairs of sentences; at least %d are needed"
                    .formatted(all.size(), LEAST_PAIRS));
        }
        RandomGenerator random = Seeds.generator(seed, "hold out", 0);
        List<String> source = new ArrayList<>(all.source());
        List<String> target = new ArrayList<>(all.target());
        for (int i = source.size() - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            java.util.Collections.swap(source, i, j);
            java.util.Collections.swap(target, i, j);
        }
        ParallelText shuffled = new ParallelText(source, target, all.skipped());
        int held = Math.min(MOST_HELD_OUT, Math.max(1, all.size() / 20));
        return TranslationData.of(
                "parallel text",
                "",
                new ParallelText(
                        source.subList(2 * held, source.size()),
                        target.subList(2 * held, target.size()),
                        all.skipped()),
                shuffled.part(0, held),
                shuffled.part(held, 2 * held),
                MERGES);
    }
}
