package dev.lathe.space.micronas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Comparison;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MicroNasFiguresTest {
    @Test
    void theStructureForUciHarIsThePublishedOne() {
        String folder = System.getenv("LATHE_DATA");
        Path data = Path.of(folder == null ? "../../shared/data" : folder);
        assumeThat(data.resolve(MicroNasFigures.FILE))
                .as("no UCI HAR windows; set LATHE_DATA to their folder")
                .exists();
        List<Comparison> all = MicroNasFigures.compare(data);
        assertThat(all)
                .hasSize(5)
                .allSatisfy(c -> assertThat(c.agrees()).as("%s", c).isTrue());
        assertThat(all)
                .extracting(Comparison::ours)
                .startsWith("4: [128, 64, 32, 16, 8]", "2: [9, 5, 3]", "[4, 8, 12, 16]");
    }

    @Test
    void aFileThatIsNoArrayOfWindowsIsRefused(@TempDir Path folder) throws IOException {
        refused(folder, "cannot read");
        Path file = folder.resolve(MicroNasFigures.FILE);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "no gzip");
        refused(folder, "cannot read");
        write(file, "NUMPY", 100, "'shape': (7767, 9, 128)", 9);
        refused(folder, "cannot read");
        write(file, "NUMPY", 11, "{'descr': }", 99);
        refused(folder, "no NPY array of (windows, sensors, steps)");
        write(file, "NUMPX", 23, "'shape': (7767, 9, 128)", 99);
        refused(folder, "no NPY array of (windows, sensors, steps)");
        write(file, "NUMPY", 23, "'shape': (7767, 9, 128)", 99);
        assertThat(MicroNasFigures.compare(folder)).hasSize(5);
    }

    /** An NPY file of version 1.0 that ends with its header, of which the first bytes are written. */
    private static void write(Path file, String magic, int length, String header, int bytes) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.write(0x93);
        content.writeBytes(magic.getBytes(StandardCharsets.US_ASCII));
        content.writeBytes(new byte[] {1, 0, (byte) length, 0});
        content.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(content.toByteArray(), 0, Math.min(bytes, content.size()));
        }
    }

    private static void refused(Path folder, String why) {
        assertThatThrownBy(() -> MicroNasFigures.compare(folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(why);
    }
}
