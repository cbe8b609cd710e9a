package dev.lathe.supernet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.TaskShape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFilesTest {
    private static final ImageFolder.Options OPTIONS = ImageFolder.Options.defaults(1);

    @TempDir
    Path folder;

    private static Path real(String name) {
        String root = System.getenv("LATHE_DATA");
        Path p = Path.of(root == null ? "../../shared/data" : root, name);
        assumeThat(p).as("real data; set LATHE_DATA to its folder").isDirectory();
        return p;
    }

    @Test
    void fashionMnistIsReadWhole() {
        DataSplit d = DataFiles.load(real("fashion-mnist"), OPTIONS);
        assertThat(d.shape()).isEqualTo(new TaskShape(1, 28, 28, 10));
        assertThat(d.train().size()).isEqualTo(54_000);
        assertThat(d.validation().size()).isEqualTo(6_000);
        assertThat(d.test().size()).isEqualTo(10_000);
        assertThat(d.normalization().mean(0)).isCloseTo(0.2860f, within(0.001f));
        assertThat(d.normalization().deviation(0)).isCloseTo(0.3530f, within(0.001f));
    }

    @Test
    void activitiesAreCutByPerson() {
        DataSplit d = TimeSeries.load(real("uci-har"), 6, 1);
        assertThat(d.shape()).isEqualTo(new TaskShape(1, 128, 9, 6));
        assertThat(d.train().size() + d.validation().size()).isEqualTo(7_415);
        assertThat(d.test().size()).isEqualTo(2_996);
        assertThat(d.validation().size()).isBetween(1_000, 1_800);
        assertThat(d.train().isTimeSeries()).isTrue();
        assertThat(Augmentation.defaults(d.train())).isEqualTo(Augmentation.NONE);
        // Standardized by sensor, then 0 at the middle of 0..1: the mean of all is there too.
        assertThat(d.normalization().mean(0)).isCloseTo(0.5f, within(0.01f));
        assertThat(DataFiles.load(real("uci-har"), OPTIONS).shape().classes()).isEqualTo(12);
    }

    private void write(String name, byte[] bytes) throws IOException {
        Files.write(folder.resolve(name), bytes);
    }

    private static byte[] idx(int magic, int[] dims, int length) {
        ByteBuffer b = ByteBuffer.allocate(4 + 4 * dims.length + length).putInt(magic);
        for (int d : dims) {
            b.putInt(d);
        }
        for (int i = 0; i < length; i++) {
            b.put((byte) (i % 2));
        }
        return b.array();
    }

    private void smallIdx() throws IOException {
        write("train-images-idx3-ubyte", idx(2051, new int[] {20, 8, 8}, 20 * 64));
        write("train-labels-idx1-ubyte", idx(2049, new int[] {20}, 20));
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(idx(2051, new int[] {4, 8, 8}, 4 * 64));
        }
        write("t10k-images-idx3-ubyte.gz", packed.toByteArray());
        write("t10k-labels-idx1-ubyte", idx(2049, new int[] {4}, 4));
    }

    private void refused(String... parts) {
        assertThatThrownBy(() -> DataFiles.load(folder, OPTIONS))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageNotContaining("\n")
                .hasMessageContainingAll(parts);
    }

    @Test
    void idxFilesAreReadPackedOrNotAndDamageIsNamed() throws IOException {
        smallIdx();
        assertThat(DataFiles.load(folder, OPTIONS).test().size()).isEqualTo(4);
        assertThatThrownBy(() -> DataFiles.load(folder, new ImageFolder.Options(16, ImageFolder.Channels.AUTO, 1)))
                .hasMessageContaining("imageSize");
        write("train-images-idx3-ubyte", idx(2051, new int[] {20, 8, 8}, 20 * 64 - 1));
        refused("train-images-idx3-ubyte", "20 images");
        write("train-images-idx3-ubyte", idx(2051, new int[] {21, 8, 8}, 21 * 64));
        refused("21 images", "20 labels");
        write("train-images-idx3-ubyte", idx(2051, new int[] {Integer.MAX_VALUE, 8, 8}, 64));
        refused("train-images-idx3-ubyte");
        write("train-images-idx3-ubyte", idx(2051, new int[] {1, 1 << 30, 8}, 64));
        refused("pixels");
        write("train-images-idx3-ubyte", new byte[] {1, 2});
        refused("2051");
        smallIdx();
        byte[] labels = idx(2049, new int[] {4}, 4);
        labels[10] = 7;
        write("t10k-labels-idx1-ubyte", labels);
        refused("t10k-labels-idx1-ubyte", "label 7 of image 2", "0 to 1");
        labels = idx(2049, new int[] {20}, 20);
        labels[8] = 3;
        write("train-labels-idx1-ubyte", labels);
        refused("train-labels-idx1-ubyte", "up to 3", "no image has label 2");
        smallIdx();
        write("t10k-images-idx3-ubyte.gz", new byte[] {31, -117, 8});
        refused("t10k-images-idx3-ubyte.gz", "copy it again");
        Files.delete(folder.resolve("t10k-labels-idx1-ubyte"));
        refused("t10k-labels-idx1-ubyte");
    }

    private static byte[] npy(String shape, String type, int bytes) {
        byte[] head = ("{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n")
                .getBytes(StandardCharsets.US_ASCII);
        ByteBuffer b = ByteBuffer.allocate(10 + head.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
        b.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) head.length)
                .put(head);
        for (int i = 0; i < bytes; i++) {
            b.put((byte) (i % 3));
        }
        return b.array();
    }

    private void smallSeries() throws IOException {
        write("train_x.npy", npy("(12, 2, 16)", "<i2", 12 * 2 * 16 * 2));
        write("test_x.npy", npy("(4, 2, 16)", "<f4", 4 * 2 * 16 * 4));
        write("train_y.csv", ("label\n" + "1\n2\n".repeat(6)).getBytes(StandardCharsets.UTF_8));
        write("test_y.csv", "subject,label\n3,1\n3,2\n3,1\n3,2\n".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void timeSeriesAreReadAndDamageIsNamed() throws IOException {
        smallSeries();
        assertThat(DataFiles.load(folder, OPTIONS).shape()).isEqualTo(new TaskShape(1, 16, 2, 2));
        write("train_y.csv", ("label\n" + "1\n2\n".repeat(5) + "1\nwalking\n").getBytes(StandardCharsets.UTF_8));
        refused("train_y.csv", "line 13", "walking");
        write("train_y.csv", ("label\n" + "1\n2\n".repeat(5)).getBytes(StandardCharsets.UTF_8));
        refused("10 labels for 12 windows");
        write("train_y.csv", ("label\n" + "1\n4\n".repeat(6)).getBytes(StandardCharsets.UTF_8));
        refused("train_y.csv", "up to 4", "no window has label 2");
        write("train_y.csv", ("label\n" + "1\n0\n".repeat(6)).getBytes(StandardCharsets.UTF_8));
        refused("train_y.csv", "line 3", "'0'");
        smallSeries();
        write("test_y.csv", "label\n1\n2\n3\n2\n".getBytes(StandardCharsets.UTF_8));
        refused("test_y.csv", "line 4 has label 3", "1 to 2");
        smallSeries();
        write("train_y.csv", ("class\n" + "1\n2\n".repeat(6)).getBytes(StandardCharsets.UTF_8));
        refused("label");
        smallSeries();
        write("train_x.npy", npy("(12, 2, 17)", "<i2", 12 * 2 * 16 * 2));
        refused("train_x.npy", "do not fill");
        write("train_x.npy", npy("(12, 2, 16)", ">i8", 12 * 2 * 16 * 2));
        refused(">i8");
        write("train_x.npy", npy("(12, 32)", "<i2", 12 * 2 * 16 * 2));
        refused("(window, sensor, time)");
        ByteBuffer nan =
                ByteBuffer.wrap(npy("(12, 2, 16)", "<f4", 12 * 2 * 16 * 4)).order(ByteOrder.LITTLE_ENDIAN);
        nan.putFloat(nan.capacity() - 4, Float.NaN);
        write("train_x.npy", nan.array());
        refused("NaN");
    }
}
