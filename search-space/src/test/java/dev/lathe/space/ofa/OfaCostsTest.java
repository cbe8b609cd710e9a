package dev.lathe.space.ofa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import dev.lathe.space.Comparison;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OfaCostsTest {
    private static final String HEADER = "id,depths,kernels,expands,macs,params,top1_percent,measurements";
    private static final String TWENTY = "3-3-3-3-3-3-3-3-3-3-3-3-3-3-3-3-3-3-3-3";

    private final OfaMobileSpace space = OfaMobileSpace.mobileNetV3(OfaMobileNetV3Test.IMAGENET);

    private static Path data() {
        String set = System.getenv("LATHE_DATA");
        Path data = Path.of(set == null ? "../../shared/data" : set);
        Assumptions.assumeTrue(
                Files.exists(data.resolve("ofa-replay")), "no once-for-all replay; set LATHE_DATA to the data sets");
        return data;
    }

    @Test
    void everyPublishedFigureAgrees() {
        List<Comparison> comparisons = OfaCosts.compare(data());
        assertThat(comparisons).hasSize(5).allMatch(Comparison::agrees);
        assertThat(comparisons.subList(0, 2)).extracting(Comparison::ours).containsOnly("2,223 of 2,223 rows equal");
    }

    @Test
    void logsAreReadInTheirOrder() {
        Path logs = data().resolve("ofa-replay").resolve("search_logs.csv.gz");
        assertThat(OfaReplay.log(logs, "evonsga2_acc_macs")).hasSize(540);
        assertThat(OfaReplay.log(logs, "linasnsga2_acc_macs")).hasSize(554);
        assertThat(OfaReplay.log(logs, "evoga_acc")).startsWith(1248, 1074);
        assertThatThrownBy(() -> OfaReplay.log(logs, "linas"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("linasnsga2_acc_macs");
    }

    /** The rows are distinct codes; 61 of them differ from another one only in blocks beyond the depth. */
    @Test
    void everyRowIsReadBackFromItsTextFormAndRowsOfOneSubnetAgree() {
        OfaMobileText text = new OfaMobileText(space);
        Map<Architecture, OfaReplay.Row> distinct = new HashMap<>();
        List<OfaReplay.Row> rows =
                OfaReplay.read(data().resolve("ofa-replay").resolve("ofa_mbv3_w10_imagenet.csv.gz"), space);
        for (OfaReplay.Row row : rows) {
            assertThat(text.parse(text.toText(row.architecture()))).isEqualTo(row.architecture());
            assertThat(row.top1()).isBetween(0.7, 0.78);
            OfaReplay.Row before = distinct.putIfAbsent(row.architecture(), row);
            if (before != null) {
                assertThat(row.macs()).isEqualTo(before.macs());
                assertThat(row.parameters()).isEqualTo(before.parameters());
                assertThat(row.top1()).isCloseTo(before.top1(), within(0.001));
            }
        }
        assertThat(rows).hasSize(2223);
        assertThat(distinct).hasSize(2162);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0,2-2-2-2-2,K,K,1,1,70.0|a row has the cells",
                "0,2-2-2-2-2,K,K,1,1,70.0,1,1|a row has the cells",
                "x,2-2-2-2-2,K,K,1,1,70.0,1|no number",
                "0,2-2-2-2,K,K,1,1,70.0,1|'d' of 5 numbers",
                "0,2-2-2-2-9,K,K,1,1,70.0,1|d[4]",
                "0,2-2-2-2-2,K,K-3,1,1,70.0,1|'e' of 20 numbers",
                "0,2-2-2-2-2,3]-3,K,1,1,70.0,1|no number",
                "0,2-2-2-2-2,K,K,0,1,70.0,1|out of range",
                "0,2-2-2-2-2,K,K,1,-1,70.0,1|out of range",
                "0,2-2-2-2-2,K,K,1,1,NaN,1|out of range",
                "0,2-2-2-2-2,K,K,1,1,100.5,1|out of range",
                "0,2-2-2-2-2,K,K,1,1,70.0,0|out of range",
            })
    void aMalformedRowIsNamedByFileAndLine(String row, String reason, @TempDir Path folder) throws IOException {
        Path file = write(folder, HEADER + "\n0,2-2-2-2-2,K,K,1,1,70.0,1\n" + row + "\n");
        assertThatThrownBy(() -> OfaReplay.read(file, space))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(file.toString(), "line 3", reason)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void anotherHeaderAndAMissingFileAreRefused(@TempDir Path folder) throws IOException {
        Path file = write(folder, "a,b\n1,2\n");
        assertThatThrownBy(() -> OfaReplay.read(file, space))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("line 1", HEADER, "a,b");
        assertThatThrownBy(() -> OfaCosts.compare(folder.resolve("nowhere")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("ofa_mbv3_w10_imagenet.csv.gz");
    }

    @Test
    void aWrongFigureIsReportedAsNotAgreeing(@TempDir Path folder) throws IOException {
        Path replay = Files.createDirectory(folder.resolve("ofa-replay"));
        write(replay, HEADER + "\n7,2-2-2-2-2,K,K,123,456,70.0,1\n");
        assertThat(OfaCosts.compare(folder).get(0))
                .matches(c -> !c.agrees())
                .extracting(Comparison::ours)
                .asString()
                .contains("0 of 1 rows equal", "id 7", "not 123");
    }

    private static Path write(Path folder, String csv) throws IOException {
        Path file = folder.resolve("ofa_mbv3_w10_imagenet.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(csv.replace("K", TWENTY).getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }
}
