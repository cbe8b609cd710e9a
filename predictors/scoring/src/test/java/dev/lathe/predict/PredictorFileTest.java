package dev.lathe.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.Hashes;
import dev.lathe.base.InvalidInputException;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictorFileTest {
    private static final byte[] MOJO = Mojos.linear(new String[] {"a", "b"}, 2, 3, 1);

    @TempDir
    private Path folder;

    private static PredictorFile file(String metric) {
        return new PredictorFile(
                PredictorFile.FORMAT,
                "mbconv-tiny",
                new TaskShape(1, 8, 8, 10),
                metric,
                250,
                "ab".repeat(32),
                "h2o-gbm",
                new TreeMap<>(Map.of("trees", "100")),
                Long.MIN_VALUE,
                new TreeMap<>(Map.of("java", "17")),
                List.of("a", "b"),
                new RankQuality(50, 0.97, 0.88, 0.01, 0.02, 3),
                Hashes.sha256(MOJO));
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(() -> PredictorFile.load(folder, "latencyMs"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(parts)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void comesBackAsItWasSaved() throws IOException {
        file("latencyMs").save(folder, MOJO);
        PredictorFile.Stored stored = PredictorFile.load(folder, "latencyMs");
        assertThat(stored.file()).isEqualTo(file("latencyMs"));
        assertThat(stored.mojo()).isEqualTo(MOJO);
        assertThat(folder).isDirectoryContaining("glob:**predictor-latencyMs.json");
        assertThat(folder).isDirectoryContaining("glob:**predictor-latencyMs.mojo.zip");
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        assertRefused("predictor-latencyMs.json", "missing");
        file("latencyMs").save(folder, MOJO);
        Files.delete(PredictorFile.mojoPath(folder, "latencyMs"));
        assertRefused("predictor-latencyMs.mojo.zip", "missing");
    }

    @Test
    void anotherModelThanTheOneDescribedIsRefused() throws IOException {
        file("latencyMs").save(folder, MOJO);
        byte[] changed = MOJO.clone();
        changed[changed.length / 2] ^= 1;
        Files.write(PredictorFile.mojoPath(folder, "latencyMs"), changed);
        assertRefused("checksum", "fit the predictor again");
        assertThatThrownBy(() -> file("latencyMs").save(folder, changed)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aDamagedDescriptionIsRefused() throws IOException {
        file("latencyMs").save(folder, MOJO);
        Path json = PredictorFile.jsonPath(folder, "latencyMs");
        String text = Files.readString(json);
        for (int length : new int[] {0, 1, 20, text.length() / 2, text.length() - 4}) {
            Files.writeString(json, text.substring(0, length));
            assertRefused("predictor-latencyMs.json");
        }
        Files.writeString(json, "null");
        assertRefused("format");
        Files.writeString(json, text.replace("\"format\" : 1", "\"format\" : 2"));
        assertRefused("format 2", "reads 1");
        Files.writeString(json, text.replace("\"seed\"", "\"sead\""));
        assertRefused("'seed'");
        Files.writeString(json, text.replaceFirst("\\{", "{ \"extra\" : 1,"));
        assertRefused("extra");
        Files.writeString(json, text.replace("\"trainer\" : \"h2o-gbm\"", "\"trainer\" : null"));
        assertRefused("trainer");
        Files.writeString(json, text.replace("\"latencyMs\"", "\"../../x\""));
        assertRefused("../../x");
        Files.writeString(json, text.replace("\"latencyMs\"", "\"top1\""));
        assertRefused("top1", "latencyMs");
    }

    @Test
    void aMetricIsAPlainName() {
        for (String bad : List.of("", "../x", "a/b", "a b", "1st")) {
            assertThatThrownBy(() -> file(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(bad);
        }
    }
}
