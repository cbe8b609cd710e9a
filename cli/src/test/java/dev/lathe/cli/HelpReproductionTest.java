package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lathe.base.ProgressListener;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code lathe reproduce help} transfer alone, with four supports: the bars of transfer, on all six devices. */
class HelpReproductionTest {
    @Test
    void transferReachesItsBarsWithTenAndTwentyMeasurements() throws Exception {
        String data = System.getenv("LATHE_DATA");
        assumeThat(data).as("LATHE_DATA names the folder of the data sets").isNotNull();
        HelpReproduction r = new HelpReproduction(
                HelpProtocol.read(Path.of(String.valueOf(data))), HelpProtocol.UNSEEN, 4, ProgressListener.SILENT);
        r.transfer(HelpReproduction.PRIORS);
        List<ReproduceCommand.Row> bars = r.rows().stream()
                .filter(row -> !row.bar().isEmpty() && row.what().contains("mean"))
                .toList();
        assertThat(bars).hasSize(5).allMatch(ReproduceCommand.Row::reached);
    }

    @Test
    void withoutTheDataTheCommandSaysWhatIsMissing() {
        assertThat(Lathe.run("reproduce", "help").err()).contains("--data");
    }
}
