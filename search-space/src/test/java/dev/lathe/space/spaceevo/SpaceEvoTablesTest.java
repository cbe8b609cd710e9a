package dev.lathe.space.spaceevo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Comparison;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpaceEvoTablesTest {
    private static final String HEADER = "stage,block,window,substage,cin,hw,nsr_loss,mmacs,mparams,int8_latency_ms\n";
    private static final String ROW = "1,0,0,3#32#-_3#32#-,32,112,0.4557,19.6690,0.0069,1.5004\n";

    private static Path data() {
        String set = System.getenv("LATHE_DATA");
        Path data = Path.of(set == null ? "../../shared/data" : set);
        Assumptions.assumeTrue(
                Files.exists(data.resolve("spaceevo")),
                "no SpaceEvo tables; set LATHE_DATA to the folder that has them");
        return data;
    }

    @Test
    void givenThePublishedTables_whenCompared_thenEveryRowAgrees() {
        List<Comparison> all = SpaceEvoTables.compare(data());
        assertThat(all)
                .hasSize(2 + 3 + 4 + 3 + 5 + 10 + 2)
                .allSatisfy(c -> assertThat(c.agrees()).as(c.toString()).isTrue());
        assertThat(all)
                .filteredOn(c -> c.what().contains("single precision as published"))
                .extracting(Comparison::theirs)
                .containsExactly("210,000 rows", "132,000 rows");
        assertThat(all)
                .filteredOn(c -> c.what().contains("added exactly"))
                .extracting(Comparison::ours)
                .satisfiesExactly(
                        o -> assertThat(o).startsWith("209,090 rows equal"),
                        o -> assertThat(o).startsWith("131,864 rows equal"));
        assertThat(all)
                .filteredOn(c -> c.what().contains("parameters of stages"))
                .extracting(Comparison::ours)
                .satisfiesExactly(
                        o -> assertThat(o).startsWith("209,755 rows equal"),
                        o -> assertThat(o).startsWith("131,885 rows equal"));
        assertThat(all)
                .filteredOn(c -> c.what().contains("latency of stages"))
                .singleElement()
                .satisfies(c -> assertThat(c.what() + c.theirs()).contains("85,226 rows left out", "46,774 rows"));
    }

    @Test
    void aWrongFigureDoesNotAgree(@TempDir Path folder) throws IOException {
        write(folder, "block_lut_mobilew.csv.gz", HEADER + ROW);
        write(
                folder,
                "ort_vnni_int8_block_latency.csv.gz",
                "block,hw,cin,cout,kernel,expand,stride,activation,latency_ms\n");
        VnniBlockTable none = VnniBlockTable.read(folder);
        assertThat(StageComparison.of(folder, Hyperspace.MOBILEW, none)).allMatch(Comparison::agrees);
        write(folder, "block_lut_mobilew.csv.gz", HEADER + ROW + ROW.replace("19.6690", "19.6691"));
        assertThat(StageComparison.of(folder, Hyperspace.MOBILEW, none))
                .extracting(Comparison::agrees)
                .containsExactly(false, false, true);
        write(folder, "block_lut_mobilew.csv.gz", HEADER + ROW + ROW.replace("0.0069", "0.0070"));
        assertThat(StageComparison.of(folder, Hyperspace.MOBILEW, none))
                .extracting(Comparison::agrees)
                .containsExactly(true, true, false);
        write(folder, "block_lut_mobilew.csv.gz", HEADER);
        assertThat(StageComparison.of(folder, Hyperspace.MOBILEW, none)).noneMatch(Comparison::agrees);
    }

    @Test
    void aStageTakesTheSumOfItsBlocks(@TempDir Path folder) throws IOException {
        write(
                folder,
                "ort_vnni_int8_block_latency.csv.gz",
                "block,hw,cin,cout,kernel,expand,stride,activation,latency_ms\n"
                        + "MobileNetV2ResBlock,112,16,32,3,4,2,relu6,0.5\n"
                        + "MobileNetV2ResBlock,56,32,48,5,6,1,relu6,0.25\n");
        VnniBlockTable t = VnniBlockTable.read(folder);
        List<BlockChoice> blocks = List.of(new BlockChoice(3, 32, 4), new BlockChoice(5, 48, 6));
        assertThat(t.latencyMs(new StageInstance(Hyperspace.ONNXW, 1, 1, 16, 112, blocks)))
                .hasValue(0.75);
        assertThat(t.latencyMs(new StageInstance(Hyperspace.ONNXW, 1, 2, 16, 112, blocks)))
                .isEmpty();
        assertThat(t.latencyMs(new StageInstance(Hyperspace.MOBILEW, 1, 1, 16, 112, blocks)))
                .isEmpty();
    }

    /** A right row with something replaced; the message names file, line and value. */
    @ParameterizedTest
    @CsvSource({
        "'1,0,0', '7,0,0', stage 7",
        "'1,0,0', '1,7,0', block 7",
        "'1,0,0', '1,0,2', window 2",
        "'1,0,0', 'x,0,0', 'x'",
        "3#32, 9#32, 9#32#-",
        "3#32, 3#48, 3#48#-",
        "3#32#-, 3#32#4, 3#32#4",
        "3#32#-_3#32, 3#32, 1 blocks",
        "_3#32#-, _3#32, 3#32",
        "',32,112', ',40,112', 40 channels",
        "',32,112', ',32,0', 0 pixels",
        "19.6690, NaN, NaN",
        "'0.0069,', '', 9 fields"
    })
    void malformedRowsAreRefusedWithFileAndLine(String from, String to, String value, @TempDir Path folder)
            throws IOException {
        write(folder, "block_lut_mobilew.csv.gz", HEADER + ROW + ROW.replace(from, to));
        assertThatThrownBy(() -> LookupTable.read(folder, Hyperspace.MOBILEW, e -> {}))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("block_lut_mobilew.csv.gz, line 3", value)
                .hasMessageNotContaining("\n");
    }

    @Test
    void missingFilesAndWrongHeadersAreRefused(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> VnniBlockTable.read(folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("ort_vnni_int8_block_latency.csv.gz");
        write(folder, "block_lut_onnxw.csv.gz", "stage,block\n");
        assertThatThrownBy(() -> LookupTable.read(folder, Hyperspace.ONNXW, e -> {}))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("line 1", "stage,block");
        assertThatThrownBy(() -> ReleasedNetworks.compare(folder.resolve("search_result.yaml")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("search_result.yaml")
                .hasMessageNotContaining("\n");
        Files.writeString(folder.resolve("search_result.yaml"), "specific_supernet_encoding_dict: {}\n");
        assertThatThrownBy(() -> ReleasedNetworks.compare(folder.resolve("search_result.yaml")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("spaceevo@pixel4");
    }

    private static void write(Path folder, String name, String text) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(folder.resolve(name)))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
