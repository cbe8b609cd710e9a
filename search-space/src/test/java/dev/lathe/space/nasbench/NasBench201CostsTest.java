package dev.lathe.space.nasbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.space.Architecture;
import dev.lathe.space.Comparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NasBench201CostsTest {
    private static Path data() {
        String folder = System.getenv("LATHE_DATA");
        return Path.of(folder == null ? "../../shared/data" : folder);
    }

    private static Path published() {
        Path file = data().resolve(NasBench201Costs.FILE);
        assumeThat(file)
                .as("no NAS-Bench-201 table; set LATHE_DATA to its folder")
                .exists();
        return file;
    }

    @Test
    void everyPublishedCostOfEveryCellIsEqual() {
        published();
        List<Comparison> all = NasBench201Costs.compare(data());
        assertThat(all)
                .hasSize(6)
                .allSatisfy(c -> assertThat(c.agrees()).as("%s", c).isTrue());
        assertThat(all.subList(0, 5)).allSatisfy(c -> assertThat(c.ours()).isEqualTo("15,625 of 15,625 equal"));
    }

    /** What the table's README says of its linear formula. */
    @Test
    void costsAreLinearInTheNumberOfOperations() {
        NasBench201Space space = new NasBench201Space(NasBench201Space.CIFAR10);
        Architecture a = NasBench201Text.parse(
                "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|nor_conv_3x3~1|none~2|");
        Graph g = space.lowerAsPublished(a);
        assertThat(NasBench201Costs.flops(g)).isEqualTo(7_943_872 + 35_819_520 + 2 * 4_362_240 + 1_290_240);
        assertThat(CostModel.of(g).parameters()).isEqualTo(73_306 + 243_040 + 2 * 28_000);
    }

    @Test
    void aMalformedRowIsRefusedWithItsLine(@TempDir Path folder) throws IOException {
        List<String> lines = Files.readAllLines(published());
        Path file = folder.resolve(NasBench201Costs.FILE);
        Files.createDirectories(file.getParent());
        String good = lines.get(1);
        for (String bad : List.of(
                good + ",1",
                good.replace("nor_conv_1x1~0", "nor_conv_9x9~0"),
                good.replace("17.958592", "1e999999999"),
                good.replace("17.958592", "17.9585921"),
                good.replaceFirst("1$", "2"))) {
            assertThat(bad).isNotEqualTo(good);
            Files.write(file, List.of(lines.get(0), lines.get(2), bad));
            assertRefused(folder, "nasbench201_accuracy.csv, line 3");
        }
        Files.write(file, List.of(lines.get(0), good, good));
        assertRefused(folder, "line 3: the architecture stands in an earlier row");
        Files.write(file, List.of(good));
        assertRefused(folder, "line 1: the header differs");
        Files.write(file, lines.subList(0, 4));
        assertRefused(folder, "has 3 rows, not 15625");
        Files.delete(file);
        assertRefused(folder, "cannot read");
    }

    private static void assertRefused(Path folder, String why) {
        assertThatThrownBy(() -> NasBench201Costs.compare(folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(why);
    }
}
