package dev.lathe.space;

import java.io.Serializable;

/**
 * What a classifier takes and gives.
 *
 * @param channels image channels, 1 or 3
 * @param height image rows in pixels
 * @param width image columns in pixels
 * @param classes number of classes, at least 2
 */
public record TaskShape(int channels, int height, int width, int classes) implements Serializable {
    public TaskShape {
        if (channels < 1 || height < 1 || width < 1 || classes < 2) {
            throw new IllegalArgumentException("No such task: %d channels, %d x %d pixels, %d classes"
                    .formatted(channels, height, width, classes));
        }
    }
}
