package dev.lathe.supernet.data;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * One image file as pixels of the size that the data set will have: three bytes a pixel, so that many fit in memory.
 *
 * @param rgb (H, W, 3), 0 to 255
 * @param gray whether the file holds gray only
 */
record ImagePixels(byte[] rgb, boolean gray) {
    private static final long MAX_PIXELS = 64L << 20;

    /** Something to do with a file whose format and extents are known. */
    private interface Read<T> {
        T of(ImageReader reader, int width, int height) throws IOException;
    }

    /** Width and height as the file's head says, without decoding it. */
    static int[] extents(byte[] file) throws IOException {
        return read(file, (reader, width, height) -> new int[] {width, height});
    }

    /** @throws IOException saying why, if the file is no image, damaged, or claims to be huge */
    static ImagePixels decode(byte[] file, int width, int height) throws IOException {
        return read(file, (reader, w, h) -> {
            BufferedImage image = reader.read(0);
            boolean gray = isGray(image);
            // In two steps, the first to twice the largest size that can be asked for, whatever the size is.
            int most = 2 * ImageFolder.MAX_SIDE;
            return new ImagePixels(
                    bytes(scaled(Math.max(w, h) > most ? shrink(image, most) : image, width, height)), gray);
        });
    }

    private static <T> T read(byte[] file, Read<T> then) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(file))) {
            Iterator<ImageReader> readers = in == null ? Collections.emptyIterator() : ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new IOException("no PNG or JPEG");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                int width = reader.getWidth(0);
                int height = reader.getHeight(0);
                if (width < 1 || height < 1 || (long) width * height > MAX_PIXELS) {
                    throw new IOException(
                            "%d x %d pixels are more than %d million".formatted(width, height, MAX_PIXELS >> 20));
                }
                return then.of(reader, width, height);
            } catch (RuntimeException e) {
                // Readers of the JDK answer some damaged files with unchecked exceptions.
                throw new IOException("damaged: " + e.getMessage(), e);
            } finally {
                reader.dispose();
            }
        }
    }

    private static BufferedImage shrink(BufferedImage image, int most) {
        double f = (double) most / Math.max(image.getWidth(), image.getHeight());
        return scaled(image, Math.max(1, (int) Math.round(image.getWidth() * f)), Math.max(1, (int)
                Math.round(image.getHeight() * f)));
    }

    private static boolean isGray(BufferedImage image) {
        if (image.getRaster().getNumBands() < 3 && image.getColorModel().getNumColorComponents() == 1) {
            return true;
        }
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int c = image.getRGB(x, y);
                if ((c >> 16 & 255) != (c >> 8 & 255) || (c >> 8 & 255) != (c & 255)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Halves until near, then bilinear: nearly the mean over the area each new pixel covers. */
    private static BufferedImage scaled(BufferedImage image, int width, int height) {
        BufferedImage now = opaque(image);
        while (now.getWidth() != width || now.getHeight() != height) {
            int w = now.getWidth() >= 2 * width ? now.getWidth() / 2 : width;
            int h = now.getHeight() >= 2 * height ? now.getHeight() / 2 : height;
            BufferedImage next = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
            Graphics2D g = next.createGraphics();
            g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
            g.drawImage(now, 0, 0, w, h, null);
            g.dispose();
            now = next;
        }
        return now;
    }

    /** As 8-bit RGB values, transparent parts over black; gray files keep their numbers, without a change of gamma. */
    private static BufferedImage opaque(BufferedImage image) {
        if (image.getType() == BufferedImage.TYPE_INT_RGB) {
            return image;
        }
        BufferedImage rgb = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        boolean plainGray = image.getType() == BufferedImage.TYPE_BYTE_GRAY;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int c;
                if (plainGray) {
                    int v = image.getRaster().getSample(x, y, 0);
                    c = v << 16 | v << 8 | v;
                } else {
                    int argb = image.getRGB(x, y);
                    int a = argb >>> 24;
                    c = (argb >> 16 & 255) * a / 255 << 16 | (argb >> 8 & 255) * a / 255 << 8 | (argb & 255) * a / 255;
                }
                rgb.setRGB(x, y, c);
            }
        }
        return rgb;
    }

    private static byte[] bytes(BufferedImage image) {
        int plane = image.getWidth() * image.getHeight();
        byte[] rgb = new byte[3 * plane];
        for (int k = 0; k < plane; k++) {
            int c = image.getRGB(k % image.getWidth(), k / image.getWidth());
            rgb[3 * k] = (byte) (c >> 16);
            rgb[3 * k + 1] = (byte) (c >> 8);
            rgb[3 * k + 2] = (byte) c;
        }
        return rgb;
    }

    /**
     * Writes (C, H, W) in 0..1 from {@code offset}.
     *
     * @param asGray one channel in place of three
     */
    void copy(boolean asGray, float[] target, int offset) {
        int plane = rgb.length / 3;
        for (int k = 0; k < plane; k++) {
            float r = Byte.toUnsignedInt(rgb[3 * k]) / 255f;
            float g = Byte.toUnsignedInt(rgb[3 * k + 1]) / 255f;
            float b = Byte.toUnsignedInt(rgb[3 * k + 2]) / 255f;
            if (asGray) {
                // Equal channels keep their value exactly.
                target[offset + k] = r == g && g == b ? r : 0.299f * r + 0.587f * g + 0.114f * b;
            } else {
                target[offset + k] = r;
                target[offset + plane + k] = g;
                target[offset + 2 * plane + k] = b;
            }
        }
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof ImagePixels p && gray == p.gray && java.util.Arrays.equals(rgb, p.rgb);
    }

    @Override
    public int hashCode() {
        return java.util.Arrays.hashCode(rgb);
    }
}
