package dev.lathe.predict.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatencyTableReaderTest {
    @TempDir
    Path folder;

    @Test
    void oneFileHoldsChoicesAndDevices() throws IOException {
        LatencyTable t =
                LatencyTableReader.read(write("t.csv", "index,k0,phone,k1\n7,3,1.5,0\n9,5,2,1\n"), List.of("k0", "k1"));
        assertThat(t.columns()).containsExactly("k0", "k1");
        assertThat(t.choices(1)).containsExactly(5, 1);
        assertThat(t.devices()).containsExactly("phone");
        assertThat(t.latencyMs("phone")).containsExactly(1.5, 2);
    }

    @Test
    void twoFilesAreJoinedByIndexAndTextIsLeftOut() throws IOException {
        LatencyTable t = LatencyTableReader.read(
                write("a.csv", "index,op_0,arch_str\n0,1,|x|\n1,2,|y|\n"), write("l.csv.gz", "index,d\n0,4\n1,5\n"));
        assertThat(t.columns()).containsExactly("op_0");
        assertThat(t.latencyMs("d")).containsExactly(4, 5);
        assertThatThrownBy(() -> t.latencyMs("e"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("unknown device 'e'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|no architectures",
                "index,k,d|no architectures",
                "id,k,d;0,1,2|not 'index'",
                "index,k,d;0,1|line 2 has 2 cells",
                "index,k,d;0,1,NaN|line 2: 'NaN' in column 'd'",
                "index,k,d;0,1,-1|line 2: '-1' in column 'd'",
                "index,k,d;0,1,1e999|is no latency",
                "index,k,d;0,1,x|is no number of milliseconds",
                "index,k,d;0,1.5,1|'1.5' in column 'k'",
                "index,k,d;0,1,1;0,2,1|line 3 repeats index 0",
                "index,q,d;0,1,1|unknown column 'k'",
                "index,k,d,d;0,1,1,1|names the device 'd' twice"
            })
    void damagedTablesAreRefusedInOneLine(String content, String message) throws IOException {
        Path file = write("bad.csv", content.replace(";", "\n"));
        assertThatThrownBy(() -> LatencyTableReader.read(file, List.of("k")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void truncatedArchivesAndMissingFilesAreRefused() throws IOException {
        Path whole = write("l.csv.gz", "index,k,d\n" + "0,1,2\n".repeat(1));
        byte[] bytes = Files.readAllBytes(whole);
        Path half = folder.resolve("half.csv.gz");
        Files.write(half, Arrays.copyOf(bytes, bytes.length / 2));
        assertThatThrownBy(() -> LatencyTableReader.read(half, List.of("k")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("damaged");
        assertThatThrownBy(() -> LatencyTableReader.read(folder.resolve("none.csv"), List.of("k")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no file");
    }

    @Test
    void architecturesInAnotherOrderAreRefused() throws IOException {
        Path a = write("a.csv", "index,k\n0,1\n1,2\n");
        Path l = write("l.csv", "index,d\n1,1\n0,2\n");
        assertThatThrownBy(() -> LatencyTableReader.read(a, l))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("one order");
    }

    private Path write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        if (name.endsWith(".gz")) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                gzip.write(bytes);
            }
            bytes = out.toByteArray();
        }
        Files.write(file, bytes);
        return file;
    }
}
