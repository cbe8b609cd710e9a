package dev.lathe.space;

import dev.lathe.base.InvalidInputException;

/**
 * What a classifier of images takes and gives; a time series is an image of one channel, its steps the rows and its sensors
 * the columns.
 *
 * @param channels image channels, 1 or 3
 * @param height image rows in pixels
 * @param width image columns in pixels
 * @param classes number of classes, at least 2
 */
public record TaskShape(int channels, int height, int width, int classes) implements Task {
    public TaskShape {
        if (channels < 1 || height < 1 || width < 1 || classes < 2) {
            throw new InvalidInputException("No such task: %d channels, %d x %d pixels, %d classes"
                    .formatted(channels, height, width, classes));
        }
    }

    /**
     * The task of a space of image classifiers.
     *
     * @throws InvalidInputException if the space is of another kind
     */
    public static TaskShape of(SearchSpace space) {
        if (space.task() instanceof TaskShape t) {
            return t;
        }
        throw new InvalidInputException(
                "search space %s does not classify images, which this step is for; lathe spaces lists those that do"
                        .formatted(space.name()));
    }
}
