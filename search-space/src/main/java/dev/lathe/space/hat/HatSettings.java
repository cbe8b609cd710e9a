package dev.lathe.space.hat;

import dev.lathe.space.TranslationTask;
import java.util.List;

/**
 * What one HAT space differs from another in. All of them have the same structure.
 *
 * @param name of the space
 * @param description in one line
 * @param widths embedding widths, of encoder and decoder alike; the last is that of the shared parameters
 * @param encoderLayers fixed number, at least as many as a decoder layer may attend to
 * @param decoderLayers the most; the least is 1
 * @param feedForward inner widths of a layer's feed-forward network
 * @param heads of an attention; each divides {@code attentionWidth}
 * @param attentionWidth width of queries, keys and values of all heads together, whatever the embedding's
 * @param jointDictionary whether source, target and output share one vocabulary and one table; else there are three
 * @param usualTask what it is published for
 */
public record HatSettings(
        String name,
        String description,
        List<Integer> widths,
        int encoderLayers,
        int decoderLayers,
        List<Integer> feedForward,
        List<Integer> heads,
        int attentionWidth,
        boolean jointDictionary,
        TranslationTask usualTask) {
    /** The most encoder layers that a decoder layer may attend to. */
    public static final int MOST_ATTENDED = 3;

    /**
     * WMT'14 English to German: a joint vocabulary of 32,768, sentences of 30 tokens. The published WMT'19 space has the same
     * choices.
     */
    public static final HatSettings WMT_EN_DE =
            wmt("hat-wmt-en-de", "HAT's transformers for WMT'14 English-German", 32_768);

    /** WMT'14 English to French: as {@link #WMT_EN_DE}, with a joint vocabulary of about 40,000. */
    public static final HatSettings WMT_EN_FR =
            wmt("hat-wmt-en-fr", "HAT's transformers for WMT'14 English-French", 40_000);

    /** IWSLT'14 German to English: two vocabularies, those of 10,000 joint merges; sentences of 23 tokens. */
    public static final HatSettings IWSLT_DE_EN = new HatSettings(
            "hat-iwslt-de-en",
            "HAT's transformers for IWSLT'14 German-English",
            List.of(512, 640),
            6,
            6,
            List.of(512, 1024, 2048),
            List.of(2, 4),
            512,
            false,
            new TranslationTask(8_848, 6_632, 23, 23));

    /** The same structure at the scale of Multi30k, small enough to train on a CPU; a joint vocabulary of 4,000 merges. */
    public static final HatSettings MINI = new HatSettings(
            "hat-mini",
            "transformers of HAT's structure, small enough for Multi30k on a CPU",
            List.of(128, 192),
            4,
            4,
            List.of(256, 384, 512),
            List.of(2, 4),
            128,
            true,
            new TranslationTask(4_125, 4_125, 14, 14));

    public HatSettings {
        widths = List.copyOf(widths);
        feedForward = List.copyOf(feedForward);
        heads = List.copyOf(heads);
        if (encoderLayers < MOST_ATTENDED || decoderLayers < 1) {
            throw new IllegalArgumentException("%s has %d encoder and %d decoder layers; at least %d and 1 are needed"
                    .formatted(name, encoderLayers, decoderLayers, MOST_ATTENDED));
        }
        for (int h : heads) {
            if (h < 1 || attentionWidth % h != 0) {
                throw new IllegalArgumentException(
                        "%s: %d heads do not divide the attention width %d".formatted(name, h, attentionWidth));
            }
        }
    }

    private static HatSettings wmt(String name, String description, int vocabulary) {
        return new HatSettings(
                name,
                description,
                List.of(512, 640),
                6,
                6,
                List.of(1024, 2048, 3072),
                List.of(4, 8),
                512,
                true,
                new TranslationTask(vocabulary, vocabulary, 30, 30));
    }

    /** Width of the shared parameters. */
    public int largestWidth() {
        return widths.get(widths.size() - 1);
    }
}
