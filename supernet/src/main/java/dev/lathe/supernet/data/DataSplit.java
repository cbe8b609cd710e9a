package dev.lathe.supernet.data;

import dev.lathe.base.Hashes;
import dev.lathe.space.TaskShape;
import java.util.List;

/**
 * Three disjoint parts of one data set.
 *
 * @param train what networks learn from, and what batch-norm statistics are estimated on
 * @param validation what networks are compared on during a search
 * @param test read only for the final report
 * @param normalization of the train part
 * @param notes what was left out when the data was read, a line each
 */
public record DataSplit(
        ImageDataset train, ImageDataset validation, ImageDataset test, Normalization normalization, List<String> notes)
        implements TrainingData {
    public DataSplit {
        notes = List.copyOf(notes);
        if (!train.shape().equals(validation.shape()) || !train.shape().equals(test.shape())) {
            throw new IllegalArgumentException("Parts of one data set have one shape, but were %s, %s and %s"
                    .formatted(train.shape(), validation.shape(), test.shape()));
        }
        if (train.size() == 0 || validation.size() == 0 || test.size() == 0) {
            throw new IllegalArgumentException("Parts of a data set are not empty, but had %d, %d and %d images"
                    .formatted(train.size(), validation.size(), test.size()));
        }
    }

    /** With the train part's own normalization. */
    public static DataSplit of(ImageDataset train, ImageDataset validation, ImageDataset test) {
        return new DataSplit(train, validation, test, Normalization.of(train), List.of());
    }

    /** The same with notes on what was left out. */
    DataSplit withNotes(List<String> newNotes) {
        return new DataSplit(train, validation, test, normalization, newNotes);
    }

    /** What a network for this data takes and gives. */
    public TaskShape shape() {
        return train.shape();
    }

    @Override
    public TaskShape task() {
        return shape();
    }

    /** SHA-256 of all three parts. */
    @Override
    public String fingerprint() {
        return Hashes.sha256((train.fingerprint() + validation.fingerprint() + test.fingerprint())
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
}
