package dev.lathe.space.decode;

/**
 * A translator that reads translations token by token, and keeps what it needs of the tokens before: a network in some
 * runtime. It has the rows of one batch at a time, and is used by one thread.
 */
public interface TokenScorer {
    /**
     * The best extensions by one token.
     *
     * @param values log-probabilities with those of the beginnings: for each sentence {@code count} in a row, the best first
     * @param places of each, within its sentence: {@code row · vocabulary + token}
     * @param count extensions of each sentence
     */
    @SuppressWarnings("ArrayRecordComponent") // a parcel, never compared
    record Candidates(float[] values, long[] places, int count) {}

    /** Number of tokens. */
    int vocabulary();

    /**
     * Begins a batch with a row for each sentence.
     *
     * @param source (sentences, S) tokens, the end and padding, row-major
     */
    void begin(long[] source, int sentences);

    /**
     * Reads one more token of every row.
     *
     * @param tokens the last token of each row
     * @return scores of the next, (rows, vocabulary), row-major
     */
    float[] scores(long[] tokens);

    /**
     * Reads one more token of every row, and looks for the best ones to follow.
     *
     * @param tokens the last token of each row; all sentences have as many rows, one sentence's behind the other's
     * @param before log-probability of each row so far
     * @param sentences that go on
     * @param never tokens that do not follow
     * @param count of the best for each sentence, at most its rows times the tokens that may follow
     */
    Candidates best(long[] tokens, float[] before, int sentences, int[] never, int count);

    /**
     * Goes on with some rows.
     *
     * @param rows of those just read, in their new order; one may go on several times
     */
    void keep(int[] rows);

    /** Frees what the batch holds; nothing happens where there is none. */
    void end();
}
