package dev.lathe.space.nasbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NasBench201TableTest {
    private static Path data() {
        String set = System.getenv("LATHE_DATA");
        Path data = Path.of(set == null ? "../../shared/data" : set);
        Assumptions.assumeTrue(
                Files.exists(data.resolve("nasbench201")), "no NAS-Bench-201 tables; set LATHE_DATA to the data sets");
        return data;
    }

    @Test
    void publishedValuesAreReadByArchitecture() {
        NasBench201Table table = NasBench201Table.read(data(), "cifar100", "edgegpu_latency");
        Architecture a = NasBench201Text.parse(
                "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|");
        assertThat(table.accuracy(a)).isCloseTo(0.5368, within(1e-12));
        assertThat(table.cost(a)).isEqualTo(5.8661);
        Set<Architecture> all = new HashSet<>();
        table.cells().forEach(all::add);
        assertThat(all).hasSize(15_625);
        double best = all.stream().mapToDouble(table::accuracy).max().orElseThrow();
        assertThat(best).isCloseTo(0.7326, within(1e-12));
    }

    @Test
    void writtenCellsAreAllPoints() {
        PublishedCells space = new PublishedCells(NasBench201Space.CIFAR10);
        assertThat(space.size()).isEqualTo(BigInteger.valueOf(15_625));
        Architecture dead = Architecture.of(space.name(), 3, 0, 0, 1, 0, 0);
        assertThat(space.canonical(dead)).isEqualTo(dead);
        assertThat(new NasBench201Space(NasBench201Space.CIFAR10).canonical(dead))
                .isNotEqualTo(dead);
        assertThat(space.smallest()).isNotEqualTo(space.largest());
        assertThatThrownBy(() -> space.canonical(Architecture.of(space.name(), 5, 0, 0, 1, 0, 0)))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void malformedTablesAreRefusedWithFileAndLine(@TempDir Path folder) throws IOException {
        Path tables = Files.createDirectories(folder.resolve("nasbench201"));
        Path accuracy = tables.resolve("nasbench201_accuracy.csv");
        assertThatThrownBy(() -> NasBench201Table.read(folder, "cifar10", "fpga_latency"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("cannot read");
        assertThatThrownBy(() -> NasBench201Table.read(folder, "cifar", "fpga_latency"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("cifar10");
        for (String bad : new String[] {
            "",
            "index,arch\n",
            "index,arch,c10_val_200\n0,|none~0|,50\n",
            "index,arch,c10_val_200\n1,x,50\n",
            "index,arch,c10_val_200\n0,|none~0|+|none~0|none~1|+|none~0|none~1|none~2|,NaN\n",
            "index,arch,c10_val_200\n0,|none~0|+|none~0|none~1|+|none~0|none~1|none~2|,50\n"
        }) {
            Files.writeString(accuracy, bad);
            assertThatThrownBy(() -> NasBench201Table.read(folder, "cifar10", "fpga_latency"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("nasbench201_accuracy.csv")
                    .hasMessageNotContaining("\n");
        }
    }
}
