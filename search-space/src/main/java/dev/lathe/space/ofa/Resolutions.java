package dev.lathe.space.ofa;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Decision;
import dev.lathe.space.TaskShape;
import java.util.stream.IntStream;

/**
 * The resolution as a decision, and the images that these spaces take. At the published 224 pixels the resolution is elastic:
 * 128 to 224 in steps of 4. At every other size, that of the task is the only one, for its data knows no larger image.
 */
final class Resolutions {
    static final String NAME = "resolution";

    private static final int PUBLISHED = 224;
    private static final int LEAST_PUBLISHED = 128;
    private static final int STEP = 4;
    private static final int LEAST = 32;
    private static final int MOST = 512;

    private Resolutions() {}

    /** @throws InvalidInputException if the images are not square, or of other sizes than these networks are made for */
    static void check(String space, TaskShape task) {
        if (task.height() != task.width() || task.height() < LEAST || task.height() > MOST) {
            throw new InvalidInputException(
                    "%s takes square images of %d to %d pixels a side, not %d x %d; set imageSize"
                            .formatted(space, LEAST, MOST, task.height(), task.width()));
        }
    }

    static Decision decision(TaskShape task) {
        if (task.height() != PUBLISHED) {
            return Decision.of(NAME, task.height());
        }
        return Decision.of(
                NAME,
                IntStream.iterate(LEAST_PUBLISHED, r -> r <= PUBLISHED, r -> r + STEP)
                        .asDoubleStream()
                        .toArray());
    }
}
