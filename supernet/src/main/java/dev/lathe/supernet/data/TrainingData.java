package dev.lathe.supernet.data;

import dev.lathe.space.Task;
import java.util.List;

/** What networks are trained on and compared on, whatever they are of: images and their classes, or sentences and translations. */
public interface TrainingData {
    /** What a network for this data takes and gives. */
    Task task();

    /** SHA-256 of all parts: data sets with one fingerprint are the same. */
    String fingerprint();

    /** What was left out when the data was read, a line each. */
    default List<String> notes() {
        return List.of();
    }
}
