package dev.lathe.supernet.text;

import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.space.TranslationTask;
import dev.lathe.supernet.data.TrainingData;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Three parts of a parallel text with one vocabulary for both languages.
 *
 * @param name of the data set
 * @param attribution author, source and licence in one line; may be empty
 * @param vocabulary learnt from the training part
 * @param train what networks learn from
 * @param validation what networks are compared on
 * @param test read only for the final report
 */
public record TranslationData(
        String name,
        String attribution,
        BytePairVocabulary vocabulary,
        SentencePairs train,
        SentencePairs validation,
        SentencePairs test)
        implements TrainingData {
    /** Tokens beyond which a pair of sentences is left out, which bounds the memory of a batch. */
    public static final int LONGEST_SENTENCE = 128;

    public TranslationData {
        for (SentencePairs part : List.of(train, validation, test)) {
            if (part.size() == 0) {
                throw new InvalidInputException(
                        "%s of %s holds no pair of sentences of at most %d tokens; give more text"
                                .formatted(part.name(), name, LONGEST_SENTENCE));
            }
        }
    }

    /**
     * Learns the vocabulary and encodes.
     *
     * @param merges byte-pair merges
     */
    public static TranslationData of(
            String name,
            String attribution,
            ParallelText train,
            ParallelText validation,
            ParallelText test,
            int merges) {
        BytePairVocabulary v = BytePairVocabulary.learn(List.of(train.source(), train.target()), merges);
        return new TranslationData(
                name,
                attribution,
                v,
                SentencePairs.of("train", train, v, LONGEST_SENTENCE),
                SentencePairs.of("validation", validation, v, LONGEST_SENTENCE),
                SentencePairs.of("test", test, v, LONGEST_SENTENCE));
    }

    /** What a network for this data takes and gives: the vocabulary, and sentences of the mean length, on which it is costed. */
    @Override
    public TranslationTask task() {
        return new TranslationTask(
                vocabulary.size(), vocabulary.size(), train.meanLength(true), train.meanLength(false));
    }

    /** SHA-256 of vocabulary and all three parts. */
    @Override
    public String fingerprint() {
        StringBuilder all = new StringBuilder(Hashes.sha256(vocabulary.toJson().getBytes(StandardCharsets.UTF_8)));
        for (SentencePairs part : List.of(train, validation, test)) {
            for (int i = 0; i < part.size(); i++) {
                all.append(digest(part.source(i))).append(digest(part.target(i)));
            }
        }
        return Hashes.sha256(all.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private static String digest(int[] tokens) {
        ByteBuffer b = ByteBuffer.allocate(4 * tokens.length);
        b.asIntBuffer().put(tokens);
        return Hashes.sha256(b.array());
    }
}
