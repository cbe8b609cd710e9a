package dev.lathe.supernet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
    @TempDir
    Path root;

    private static byte[] png(int width, int height, int rgb) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, rgb);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    private void put(String path, byte[] bytes) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    private void classes(String above, int each, int width, int height) throws IOException {
        for (int i = 0; i < each; i++) {
            put(above + "cat/c%02d.png".formatted(i), png(width, height, 0x202020 + 0x010101 * i));
            put(above + "dog/d%02d.png".formatted(i), png(width, height, 0xA0A0A0 + 0x010101 * i));
        }
    }

    private static ImageFolder.Options options() {
        return ImageFolder.Options.defaults(1);
    }

    private void refused(Path path, String... parts) {
        refused(path, options(), parts);
    }

    /** Images that cannot be read are left out and named unless that is not allowed. */
    private void refusedStrictly(Path path, String... parts) {
        assertThat(ImageFolder.load(path, options()).notes())
                .singleElement()
                .satisfies(n -> assertThat(n).doesNotContain("\n").contains(parts));
        refused(path, options().withStrict(true), parts);
    }

    private void refused(Path path, ImageFolder.Options options, String... parts) {
        assertThatThrownBy(() -> ImageFolder.load(path, options))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageNotContaining("\n")
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    @Test
    void givenAFlatFolder_whenLoaded_thenItIsCutAndKeepsItsOwnSize() throws IOException {
        classes("", 20, 12, 10);
        put("cat/.hidden.png", new byte[] {1});
        put("cat/notes.txt", new byte[] {1});
        DataSplit d = ImageFolder.load(root, options());
        assertThat(d.shape()).isEqualTo(new dev.lathe.space.TaskShape(1, 10, 12, 2));
        assertThat(d.train().size()).isEqualTo(28);
        assertThat(d.validation().size()).isEqualTo(6);
        assertThat(d.test().size()).isEqualTo(6);
        assertThat(d.train().classNames()).containsExactly("cat", "dog");
        assertThat(ImageFolder.load(root, options()).fingerprint()).isEqualTo(d.fingerprint());
        assertThat(ImageFolder.load(root, ImageFolder.Options.defaults(2)).fingerprint())
                .isNotEqualTo(d.fingerprint());
    }

    @Test
    void givenTrainAndTestFolders_whenLoaded_thenTheyAreTheParts() throws IOException {
        classes("train/", 10, 8, 8);
        classes("test/", 3, 8, 8);
        DataSplit d = ImageFolder.load(root, options());
        assertThat(d.test().size()).isEqualTo(6);
        assertThat(d.train().size() + d.validation().size()).isEqualTo(20);
        classes("val/", 4, 8, 8);
        assertThat(ImageFolder.load(root, options()).validation().size()).isEqualTo(8);
    }

    @Test
    void givenAZip_whenLoaded_thenItEqualsTheFolder() throws IOException {
        classes("a/", 6, 8, 8);
        Path zip = root.resolve("b.zip");
        zip(zip, "top/", true);
        DataSplit fromZip = ImageFolder.load(zip, options());
        assertThat(fromZip.fingerprint())
                .isEqualTo(ImageFolder.load(root.resolve("a"), options()).fingerprint());
    }

    private void zip(Path zip, String above, boolean junk) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (String c : new String[] {"cat", "dog"}) {
                for (int i = 0; i < 6; i++) {
                    String name = c + "/" + c.charAt(0) + "%02d.png".formatted(i);
                    out.putNextEntry(new ZipEntry(above + name));
                    out.write(png(8, 8, (c.equals("cat") ? 0x202020 : 0xA0A0A0) + 0x010101 * i));
                }
            }
            if (junk) {
                out.putNextEntry(new ZipEntry("__MACOSX/cat/._c00.png"));
                out.write(1);
            }
        }
    }

    @Test
    void givenTrainZipAndTestZipInAFolder_whenLoaded_thenTheyAreTheParts() throws IOException {
        zip(root.resolve("train.zip"), "", false);
        zip(root.resolve("test.zip"), "test/", false);
        DataSplit d = ImageFolder.load(root, options());
        assertThat(d.test().size()).isEqualTo(12);
        assertThat(d.train().size() + d.validation().size()).isEqualTo(12);
    }

    @Test
    void givenColourOfOtherSizes_whenLoaded_thenScaledWithThreeChannels() throws IOException {
        for (int i = 0; i < 4; i++) {
            put("red/%d.png".formatted(i), png(100 + i, 80, 0xFF0000));
            put("blue/%d.png".formatted(i), png(30, 30, 0x0000FF));
        }
        DataSplit d = ImageFolder.load(root, options());
        assertThat(d.shape()).isEqualTo(new dev.lathe.space.TaskShape(3, 32, 32, 2));
        float[] image = new float[3 * 32 * 32];
        d.test().copyImage(0, image, 0);
        boolean blue = d.test().label(0) == 0;
        assertThat(image[blue ? 2 * 1024 : 0]).isCloseTo(1f, within(0.01f));
        assertThat(image[blue ? 0 : 2 * 1024]).isCloseTo(0f, within(0.01f));
        assertThat(ImageFolder.load(root, new ImageFolder.Options(16, ImageFolder.Channels.GRAY, 1))
                        .shape())
                .isEqualTo(new dev.lathe.space.TaskShape(1, 16, 16, 2));
    }

    @Test
    void givenGrayPixels_whenKeptAtTheirSize_thenValuesAreExact() throws IOException {
        classes("", 4, 8, 8);
        DataSplit d = ImageFolder.load(root, options());
        float[] image = new float[64];
        d.train().copyImage(0, image, 0);
        assertThat(image[0] * 255f).isCloseTo(Math.round(image[0] * 255f), within(1e-4f));
        assertThat(image[0] * 255f).isBetween(32f, 36f);
    }

    @Test
    void givenWrongPaths_whenLoaded_thenOneClearLine() throws IOException {
        refused(root.resolve("nothing"), "no folder or ZIP file at");
        refused(root, "no images");
        put("only/1.png", png(8, 8, 0));
        put("only/2.png", png(8, 8, 0));
        put("only/3.png", png(8, 8, 0));
        refused(root, "one class only", "'only'");
        put("few/1.png", png(8, 8, 0));
        refused(root, "class 'few'", "at least 3");
        put("loose.png", png(8, 8, 0));
        refused(root, "'loose.png'", "no class folder");
    }

    @Test
    void givenATestClassThatTrainLacks_whenLoaded_thenRefused() throws IOException {
        classes("train/", 3, 8, 8);
        classes("test/", 3, 8, 8);
        put("test/bird/1.png", png(8, 8, 0));
        refused(root, "no class of the training part", "bird");
    }

    @Test
    void givenCorruptImages_whenLoaded_thenTheFirstIsNamedAndAllAreCounted() throws IOException {
        classes("", 5, 8, 8);
        byte[] whole = png(8, 8, 0);
        put("cat/bad.png", java.util.Arrays.copyOf(whole, whole.length / 2));
        put("dog/bad.jpg", new byte[] {1, 2, 3});
        put("dog/empty.png", new byte[0]);
        refusedStrictly(root, "3 of 13", "bad.png");
        DataSplit d = ImageFolder.load(root, options());
        assertThat(d.train().size() + d.validation().size() + d.test().size()).isEqualTo(10);
        assertThat(d.notes().get(0)).contains("bad.jpg", "empty.png");
        Files.delete(root.resolve("cat/bad.png"));
        Files.delete(root.resolve("dog/bad.jpg"));
        Files.delete(root.resolve("dog/empty.png"));
        assertThat(ImageFolder.load(root, options()).notes()).isEmpty();
        assertThat(ImageFolder.load(root, options().withStrict(true)).fingerprint())
                .isEqualTo(d.fingerprint());
    }

    @Test
    void givenAClassOrPartOfWhichNothingCanBeRead_whenLoaded_thenRefused() throws IOException {
        classes("train/", 4, 8, 8);
        put("test/cat/1.png", new byte[] {1});
        refused(root, "a part of", "no image that can be read", "1 cannot", "1.png");
        put("test/cat/2.png", png(8, 8, 0));
        assertThat(ImageFolder.load(root, options()).test().size()).isEqualTo(1);
        put("train/cat/c00.png", new byte[0]);
        put("train/cat/c01.png", new byte[0]);
        refused(root, "class 'cat'", "2 image(s) that can be read", "3 cannot", "c00.png");
    }

    @Test
    void givenAClassFolderWithoutImages_whenLoaded_thenItIsNamed() throws IOException {
        classes("", 4, 8, 8);
        Files.createDirectories(root.resolve("emu"));
        refused(root, "class folder 'emu'", "no images");
        put("emu/notes.txt", new byte[] {1});
        refused(root, "class folder 'emu'", "no images");
        Files.delete(root.resolve("emu/notes.txt"));
        Files.delete(root.resolve("emu"));
        Files.createDirectories(root.resolve(".emu"));
        assertThat(ImageFolder.load(root, options()).shape().classes()).isEqualTo(2);
        Path parts = root.resolve("parts");
        classes("parts/a/train/", 4, 8, 8);
        classes("parts/a/test/", 4, 8, 8);
        Files.createDirectories(parts.resolve("a/test/emu"));
        refused(parts, "emu", "no images");
    }

    @Test
    void givenMoreImagesThanMemory_whenLoaded_thenRefusedWithTheSizeBeforeAnyIsDecoded() throws IOException {
        classes("", 300, 8, 8);
        put("cat/c00.png", new byte[] {1});
        ImageFolder.Options large = new ImageFolder.Options(64, ImageFolder.Channels.RGB, 1);
        // 600 images of 64 x 64 pixels: 3 bytes a pixel and 4 a value of at least one channel are 16.4 MiB.
        assertThatThrownBy(() -> ImageFolder.load(root, large, 16L << 20))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageNotContaining("\n")
                .hasMessageContainingAll("17 MiB", "16 MiB", "imageSize", "-Xmx");
        assertThatThrownBy(() -> ImageFolder.load(root, large, 20L << 20)).hasMessageContaining("36 MiB");
        assertThat(ImageFolder.load(root, large, 40L << 20).shape().channels()).isEqualTo(3);
    }

    @Test
    void givenAnImageThatClaimsToBeHuge_whenLoaded_thenRefusedBeforeDecoding() throws IOException {
        classes("", 5, 8, 8);
        byte[] huge = png(8, 8, 0);
        ByteBuffer b = ByteBuffer.wrap(huge);
        b.putInt(16, 60_000).putInt(20, 60_000);
        CRC32 crc = new CRC32();
        crc.update(huge, 12, 17);
        b.putInt(29, (int) crc.getValue());
        put("cat/huge.png", huge);
        refusedStrictly(root, "1 of 11", "60000 x 60000");
    }

    @Test
    void givenAZipBomb_whenLoaded_thenItsBytesAreCounted() throws IOException {
        classes("a/", 3, 8, 8);
        Path zip = root.resolve("bomb.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (String c : new String[] {"cat", "dog"}) {
                for (int i = 0; i < 3; i++) {
                    out.putNextEntry(new ZipEntry(c + "/" + i + ".png"));
                    out.write(png(8, 8, 0));
                }
            }
            out.putNextEntry(new ZipEntry("dog/bomb.png"));
            byte[] block = new byte[1 << 20];
            for (int i = 0; i < 65; i++) {
                out.write(block);
            }
        }
        refusedStrictly(zip, "1 of 7", "more than 64 MiB");
    }

    @Test
    void givenNoZip_whenLoaded_thenRefused() throws IOException {
        Files.writeString(root.resolve("x.zip"), "text");
        refused(root.resolve("x.zip"), "no ZIP file");
    }
}
