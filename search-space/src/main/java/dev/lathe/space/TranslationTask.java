package dev.lathe.space;

import dev.lathe.base.InvalidInputException;

/**
 * What a translator takes and gives: a source sentence and the target's tokens so far, both padded to fixed lengths, in;
 * scores of every target token at every position out. Source tokens that are padding are seen by no other.
 *
 * @param sourceVocabulary number of source tokens
 * @param targetVocabulary number of target tokens
 * @param sourceLength tokens of the source sentence
 * @param targetLength tokens of the target sentence
 */
public record TranslationTask(int sourceVocabulary, int targetVocabulary, int sourceLength, int targetLength)
        implements Task {
    /** Number of the token that fills a sentence up to its length, in every vocabulary. */
    public static final int PADDING = 0;
    /** The token that a translation starts from. */
    public static final int BEGIN = 1;
    /** The token that ends a sentence. */
    public static final int END = 2;
    /** The token of a character that is in no vocabulary. */
    public static final int UNKNOWN = 3;

    public TranslationTask {
        if (sourceVocabulary < 2 || targetVocabulary < 2 || sourceLength < 1 || targetLength < 1) {
            throw new InvalidInputException("No such task: vocabularies of %d and %d, sentences of %d and %d tokens"
                    .formatted(sourceVocabulary, targetVocabulary, sourceLength, targetLength));
        }
    }
}
