package dev.lathe.supernet.data;

import dev.lathe.base.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** One image as {@link ImageFolder} reads it, in the form that any program can read: PPM (P6), 8 bits a value. */
public final class PortablePixmap {
    private PortablePixmap() {}

    /**
     * An image file's pixels, scaled as those of a data set are.
     *
     * @param file PNG or JPEG
     * @param side of the square to scale to, at most {@value ImageFolder#MAX_SIDE}; 0 keeps the file's own size
     * @throws InvalidInputException if the side is none, or the file is missing, no image, damaged, or claims to be huge
     */
    public static byte[] of(Path file, int side) throws IOException {
        if (side < 0 || side > ImageFolder.MAX_SIDE) {
            throw new InvalidInputException("the side is %d pixels; give 1 to %d, or nothing for the image's own size"
                    .formatted(side, ImageFolder.MAX_SIDE));
        }
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException("%s is no file; give a PNG or JPEG image".formatted(file));
        }
        if (Files.size(file) > ImageFiles.MAX_FILE_BYTES) {
            throw new InvalidInputException("%s has more than %d MiB".formatted(file, ImageFiles.MAX_FILE_BYTES >> 20));
        }
        byte[] bytes = Files.readAllBytes(file);
        int[] size = {side, side};
        byte[] rgb;
        try {
            size = side == 0 ? ImagePixels.extents(bytes) : size;
            rgb = ImagePixels.decode(bytes, size[0], size[1]).rgb();
        } catch (IOException e) {
            throw new InvalidInputException(
                    "%s cannot be read: %s; give a PNG or JPEG image".formatted(file, e.getMessage()), e);
        }
        ByteArrayOutputStream ppm = new ByteArrayOutputStream();
        ppm.write("P6\n%d %d\n255\n".formatted(size[0], size[1]).getBytes(StandardCharsets.US_ASCII));
        ppm.write(rgb);
        return ppm.toByteArray();
    }
}
