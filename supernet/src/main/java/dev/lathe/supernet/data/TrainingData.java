package dev.lathe.supernet.data;

import dev.lathe.space.Task;

/** What networks are trained on and compared on, whatever they are of: images and their classes, or sentences and translations. */
public interface TrainingData {
    /** What a network for this data takes and gives. */
    Task task();

    /** SHA-256 of all parts: data sets with one fingerprint are the same. */
    String fingerprint();
}
