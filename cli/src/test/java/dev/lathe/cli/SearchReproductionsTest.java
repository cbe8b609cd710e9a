package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.base.ProgressListener;
import dev.lathe.cli.NasBench201SearchReproduction.Bench;
import dev.lathe.cli.NasBench201SearchReproduction.EvaluationCounts;
import dev.lathe.evolve.ExpectedGainStrategy;
import dev.lathe.evolve.RandomStrategy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class SearchReproductionsTest {
    /** The table's harness with two seeds, on the problem on which searches end soonest. */
    @Test
    void oursNeedsAFractionOfRandomSearchOnTheTables() {
        String set = System.getenv("LATHE_DATA");
        Path data = Path.of(set == null ? "../../shared/data" : set);
        Assumptions.assumeTrue(
                Files.exists(data.resolve("nasbench201")), "no NAS-Bench-201 tables; set LATHE_DATA to the data sets");
        Bench bench = new Bench(data, "cifar10", "raspi4_latency");
        assertThat(bench.trueHypervolume()).isBetween(0.96346875, 0.96346877);
        EvaluationCounts ours = bench.counts(ExpectedGainStrategy::new, 100, 2, ProgressListener.SILENT);
        EvaluationCounts random = bench.counts(RandomStrategy::new, 1000, 2, ProgressListener.SILENT);
        assertThat(ours.mean()).isLessThan(0.5 * random.mean());
    }

    @Test
    void mediansAndIntervalsAreThoseOfOrderStatistics() {
        int[] needed = new int[20];
        for (int i = 0; i < needed.length; i++) {
            needed[i] = 10 * (20 - i);
        }
        EvaluationCounts counts = new EvaluationCounts(needed, 500);
        assertThat(counts.median()).isEqualTo(105);
        assertThat(counts.mean()).isEqualTo(105);
        assertThat(counts).hasToString("median 105.0 [95 %: 60 to 150], mean 105.0");
        needed[0] = EvaluationCounts.NEVER;
        assertThat(new EvaluationCounts(needed, 500))
                .hasToString("median 105.0 [95 %: 60 to 150], mean at least 120.0");
    }

    @Test
    void mcuFormersStepsAgree() {
        Lathe.Result r = Lathe.run("reproduce", "mcuformer-space");
        assertThat(r.exitCode()).isZero();
        assertThat(r.out()).contains("-0.10, -4", "0.05, -4").doesNotContain("SHORT");
    }
}
