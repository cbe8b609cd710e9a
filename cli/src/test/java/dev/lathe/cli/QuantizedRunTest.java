package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.supernet.BitWidth;
import dev.lathe.supernet.QuantizedSupernet;
import dev.lathe.supernet.SupernetTrainer;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.Datasets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that asks for 8 bits compares its networks in 8 bits. */
class QuantizedRunTest {
    private static final List<String> EIGHT_BITS =
            List.of("--set", "training.quantization=int8", "--set", "objectives=[top1, macs]");

    @TempDir
    Path folder;

    @Test
    void aRunFineTunesAndSearchesByTheAccuracyOfRoundedNetworks() throws Exception {
        Lathe.Result run = Lathe.run("run", "-q", Lathe.SMALL, EIGHT_BITS, "--out", folder);
        assertThat(run.exitCode()).as(run.err()).isZero();
        int searched = Files.readAllLines(folder.resolve("accuracies.csv")).size();
        Lathe.Result rank = Lathe.run("rank", "-q", "--networks", "5", "--out", folder);
        assertThat(rank.exitCode()).as(rank.err()).isZero();
        DataSplit data = Datasets.digits(1);
        SearchSpace space = SearchSpaces.create("mbconv-tiny", data.shape());
        List<String> rows = Files.readAllLines(folder.resolve("accuracies.csv"));
        assertThat(rows).hasSizeGreaterThan(searched);
        try (QuantizedSupernet s = QuantizedSupernet.load(
                folder.resolve("supernet-int8").resolve(SupernetTrainer.CHECKPOINT), space, data, BitWidth.INT8)) {
            // One scored for the search, one for the ranking: both as the networks are to be used.
            for (String line : List.of(rows.get(3), rows.get(rows.size() - 1))) {
                String[] row = line.split(",");
                Architecture a = Architecture.parse(row[0]);
                assertThat(Double.parseDouble(row[2]))
                        .isEqualTo(
                                s.fakeQuantized().evaluate(a, data.validation()).crossEntropy())
                        .isNotEqualTo(s.float32().evaluate(a, data.validation()).crossEntropy());
            }
        }
    }
}
