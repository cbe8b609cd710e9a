package dev.lathe.supernet.data;

import dev.lathe.base.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A data set of the user's own, in whichever of the known forms it is. */
public final class DataFiles {
    private DataFiles() {}

    /**
     * Reads what lies at a path: IDX files ({@link IdxImages}), NPY windows of time series ({@link TimeSeries}), UCI's digits,
     * or images in folders or a ZIP ({@link ImageFolder}).
     *
     * @throws InvalidInputException in one line, if it is none of them, or damaged
     */
    public static DataSplit load(Path path, ImageFolder.Options options) {
        if (Files.isDirectory(path)) {
            if (Packed.find(path, IdxImages.TRAIN_IMAGES) != null) {
                requireOwnSize(options);
                return IdxImages.load(path, options.seed());
            }
            if (Packed.find(path, TimeSeries.TRAIN_WINDOWS) != null) {
                requireOwnSize(options);
                return TimeSeries.load(path, Integer.MAX_VALUE, options.seed());
            }
            if (Files.exists(path.resolve("optdigits.tra.gz"))) {
                requireOwnSize(options);
                return Datasets.uciDigits(path, options.seed());
            }
        }
        return ImageFolder.load(path, options);
    }

    private static void requireOwnSize(ImageFolder.Options options) {
        if (options.imageSize() != 0) {
            throw new InvalidInputException(
                    "imageSize is %d, but only image files are scaled; leave imageSize out for this data"
                            .formatted(options.imageSize()));
        }
    }
}
