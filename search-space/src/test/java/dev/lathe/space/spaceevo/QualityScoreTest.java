package dev.lathe.space.spaceevo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QualityScoreTest {
    private static Path data() {
        String set = System.getenv("LATHE_DATA");
        Path data = Path.of(set == null ? "../../shared/data" : set);
        Assumptions.assumeTrue(
                Files.exists(data.resolve("spaceevo")), "no SpaceEvo tables; set LATHE_DATA to the data sets");
        return data;
    }

    @Test
    void publishedScoresAreMetAndLimitsAddUp() {
        StageTables tables = StageTables.read(data(), Hyperspace.ONNXW);
        QualityScore ten = new QualityScore(tables, List.of(10.0), 1);
        QualityScore fifteen = new QualityScore(tables, List.of(15.0), 1);
        SpaceGenome vnni = SpaceGenome.VNNI;
        assertThat(ten.of(vnni)).isCloseTo(.378, within(.005));
        assertThat(fifteen.of(vnni)).isCloseTo(.425, within(.005));
        assertThat(fifteen.of(SpaceGenome.parse("onnxw-000000-000000"))).isCloseTo(.289, within(.005));
        assertThat(new QualityScore(tables, List.of(10.0, 15.0), 1).of(vnni))
                .isCloseTo(ten.of(vnni) + fifteen.of(vnni), within(1e-12));
        assertThat(new QualityScore(tables, List.of(15.0), 1).of(vnni)).isEqualTo(fifteen.of(vnni));
        assertThat(new QualityScore(tables, List.of(15.0), 2).of(vnni)).isNotEqualTo(fifteen.of(vnni));
        // Almost no network is so fast: what a lucky draw would score counts nothing.
        assertThat(new QualityScore(tables, List.of(3.0), 1).of(vnni)).isZero();
        assertThatThrownBy(() -> ten.of(SpaceGenome.PIXEL4)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void malformedTablesAreRefused(@TempDir Path folder) throws IOException {
        Path tables = Files.createDirectories(folder.resolve("spaceevo"));
        String header = "stage,block,window,substage,cin,hw,nsr_loss,mmacs,mparams,int8_latency_ms\n";
        for (String row : List.of(
                "",
                "7,0,0,x,16,112,0.5,1,1,1\n",
                "1,9,0,x,16,112,0.5,1,1,1\n",
                "1,0,0,x,16,113,0.5,1,1,1\n",
                "1,0,0,x,16,112,NaN,1,1,1\n",
                "1,0,0,x,16,112,-1,1,1,1\n")) {
            try (OutputStream out =
                    new GZIPOutputStream(Files.newOutputStream(tables.resolve("block_lut_mobilew.csv.gz")))) {
                out.write((header + row).getBytes(StandardCharsets.UTF_8));
            }
            assertThatThrownBy(() -> StageTables.read(folder, Hyperspace.MOBILEW))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("block_lut_mobilew.csv.gz");
        }
    }
}
