package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import dev.lathe.base.Seeds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables of a space that nothing here knows. */
class PoolJudgeTest {
    private static final int ROWS = 240;

    @TempDir
    Path folder;

    /** Two blocks of a width and a kernel, and a resolution that is no small number; devices weigh three costs in their own ways. */
    private static String table(String devices) {
        RandomGenerator random = Seeds.generator(1, "table", 0);
        StringBuilder csv = new StringBuilder("index,width0,kernel0,width1,kernel1,resolution" + devices + "\n");
        int[] resolutions = {128, 160, 224};
        for (int i = 0; i < ROWS; i++) {
            int w0 = 8 + 8 * random.nextInt(3);
            int k0 = 3 + 2 * random.nextInt(3);
            int w1 = 8 + 8 * random.nextInt(3);
            int k1 = 3 + 2 * random.nextInt(3);
            int r = resolutions[random.nextInt(3)];
            double work = r * r * (w0 * k0 * k0 + w1 * k1 * k1) * 1e-6;
            double moved = r * r * (w0 + w1) * 1e-5;
            double small = k0 + k1;
            csv.append("%d,%d,%d,%d,%d,%d,%s,%s,%s,%s,%s%n"
                    .formatted(
                            i,
                            w0,
                            k0,
                            w1,
                            k1,
                            r,
                            work + 0.1 * moved,
                            0.5 * work + moved,
                            0.2 * work + 2 * moved + 0.1 * small,
                            0.05 * work + 0.2 * moved + small,
                            0.3 * work + 0.5 * moved + 0.5 * small));
        }
        return csv.toString();
    }

    private static final String DEVICES = ",cpu,gpu,npu,tiny,dsp";
    private static final String CHOICES = "width0,kernel0,width1,kernel1,resolution";

    @Test
    void judgesEachDeviceByTheOthersAndAFewMeasurements() throws Exception {
        Path file = Files.writeString(folder.resolve("t.csv"), table(DEVICES));
        Lathe.Result r = Lathe.run("pool", "judge", "-q", "--json", "--choices", CHOICES, file);
        assertThat(r.exitCode()).as(r.err()).isZero();
        JsonNode all = Json.json().readTree(r.out());
        assertThat(all).hasSize(5);
        for (JsonNode j : all) {
            assertThat(j.get("judged").asInt()).isEqualTo(ROWS - 2 * ROWS / 3);
            assertThat(j.get("spearman").asDouble()).as(j.toString()).isGreaterThan(0.9);
            assertThat(j.get("within90").asInt()).isPositive();
        }
        Lathe.Result one =
                Lathe.run("pool", "judge", "-q", "--choices", CHOICES, "--device", "npu", "--samples", "20", file);
        assertThat(one.out()).contains("npu", "20 measurements of each").doesNotContain("dsp");
    }

    @ParameterizedTest
    @CsvSource({
        "'', say which columns are choices",
        "'--choices width9', width9",
        "'--choices index', index",
        "'--choices width0 --samples 1', --samples is 1",
        "'--choices width0 --architectures t.csv', say which columns are choices",
        "'--choices width0,kernel0,width1,kernel1,resolution --known 5', --known 5",
        "'--choices width0,kernel0,width1,kernel1,resolution --device phone', phone",
        "'--choices width0,kernel0,width1,kernel1,resolution,cpu', cpu"
    })
    void whatIsWrongIsSaidInOneLine(String options, String message) throws Exception {
        Path file = Files.writeString(folder.resolve("t.csv"), table(DEVICES));
        assertRefused(file, options, message);
    }

    @Test
    void tablesThatAreNoneAreRefused() throws Exception {
        String good = table(DEVICES);
        String options = "--choices " + CHOICES;
        Path file = folder.resolve("u.csv");
        assertRefused(file, options, "no file");
        assertRefused(Files.writeString(file, ""), options, "u.csv");
        assertRefused(Files.writeString(file, good.replaceFirst("\n0,", "\nx,")), options, "'x'");
        assertRefused(Files.writeString(file, good.replaceFirst("\n0,\\d+", "\n0,NaN")), options, "u.csv");
        assertRefused(Files.writeString(file, good.substring(0, 2000)), options, "u.csv");
        assertRefused(Files.writeString(file, good.replaceAll(",[^,]*,[^,]*\n", "\n")), options, "3 devices");
    }

    private static void assertRefused(Path file, String options, String message) {
        Object[] words = new Object[options.isEmpty() ? 4 : 4 + options.split(" ").length];
        words[0] = "pool";
        words[1] = "judge";
        words[2] = "-q";
        words[3] = file;
        if (!options.isEmpty()) {
            System.arraycopy(options.split(" "), 0, words, 4, words.length - 4);
        }
        Lathe.Result r = Lathe.run(words);
        assertThat(r.exitCode()).as(r.err()).isEqualTo(2);
        assertThat(r.err().strip()).contains(message).doesNotContain("\n");
    }
}
