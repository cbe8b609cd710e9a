package dev.lathe.space.mcuformer;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.TaskShape;

/**
 * How an image is cut into square patches. Zeros are put around the image, as many on opposite sides, until patches fill it.
 *
 * @param patch side of a patch in pixels
 * @param rows patches in a column
 * @param columns patches in a row
 * @param paddingY rows of zeros above, and as many below
 * @param paddingX columns of zeros on the left, and as many on the right
 */
public record PatchGrid(int patch, int rows, int columns, int paddingY, int paddingX) {
    /** @throws InvalidInputException if no padding makes the image a whole number of patches: an odd side, an even patch */
    public static PatchGrid of(TaskShape task, int patch) {
        int y = padding(task.height(), patch);
        int x = padding(task.width(), patch);
        return new PatchGrid(patch, (task.height() + 2 * y) / patch, (task.width() + 2 * x) / patch, y, x);
    }

    /** The least number of zeros before and after {@code side} pixels that makes them a multiple of the patch. */
    private static int padding(int side, int patch) {
        int p = 0;
        while ((side + 2 * p) % patch != 0) {
            if (++p >= patch) {
                throw new InvalidInputException(
                        "%d pixels cannot be padded alike on both sides to a multiple of patch size %d; set imageSize to an even number"
                                .formatted(side, patch));
            }
        }
        return p;
    }

    /** Number of patches; the sequence is one longer, by the class token. */
    public int patches() {
        return rows * columns;
    }
}
