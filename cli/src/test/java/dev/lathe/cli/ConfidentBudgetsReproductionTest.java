package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lathe.base.ProgressListener;
import dev.lathe.space.nasbench.NasBench201Table;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code lathe reproduce confident-budgets} with one support and fewer priors, on the two devices that are hardest to predict. */
class ConfidentBudgetsReproductionTest {
    private static final int PRIORS = 8;

    @Test
    void budgetsAskedAtNinetyPercentAreKeptWherePlainPredictionsBreakThem() throws Exception {
        String set = System.getenv("LATHE_DATA");
        assumeThat(set).as("LATHE_DATA names the folder of the data sets").isNotNull();
        Path data = Path.of(String.valueOf(set));
        List<ReproduceCommand.Row> rows = new ConfidentBudgetsReproduction(
                        HelpProtocol.read(data),
                        NasBench201Table.read(data, "cifar10", "raspi4_latency"),
                        1,
                        1,
                        ProgressListener.SILENT)
                .rows(List.of("raspi4", "pixel2"), PRIORS);
        ReproduceCommand.Row within = rows.get(0);
        ReproduceCommand.Row mostAccurate = rows.get(3);
        assertThat(within.reached()).as(within.ours()).isTrue();
        assertThat(share(within.theirs())).isLessThan(0.97);
        assertThat(share(within.ours())).isGreaterThan(share(within.theirs()));
        // Eight networks: too few for the bar, enough for the order.
        assertThat(share(mostAccurate.ours())).isGreaterThan(share(mostAccurate.theirs()));
    }

    private static double share(String figures) {
        return Double.parseDouble(figures.split(" ", 2)[0]);
    }

    @Test
    void withoutTheDataTheCommandSaysWhatIsMissing() {
        assertThat(Lathe.run("reproduce", "confident-budgets").err()).contains("--data");
    }
}
