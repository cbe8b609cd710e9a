package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.StringReader;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ComparePageTest {
    private static Document parse(String page) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(page)));
    }

    /**
     * The box by hand: top-1 from 0.5 to 0.9 and 0.04 beyond, latency from 1 to 2 ms and 0.1 beyond. A has both corners, B one
     * point between.
     */
    @Test
    void givenTwoFronts_whenCompared_thenHypervolumesAreSharesOfOneBox() {
        RunSummary a = SampleRuns.run("a", "digits", new double[] {0.5, 1}, new double[] {0.9, 2});
        RunSummary b = SampleRuns.run("b", "digits", new double[] {0.7, 1.5});
        RunSummary none = SampleRuns.run("none", "digits");
        double box = 0.44 * 1.1;
        double ofA = (0.04 * 1.1 + 0.44 * 0.1 - 0.04 * 0.1) / box;
        double ofB = 0.24 * 0.6 / box;
        List<Double> shares = ComparePage.hypervolumes(List.of(a, b, none));
        assertThat(shares.get(0)).isCloseTo(ofA, within(1e-12));
        assertThat(shares.get(1)).isCloseTo(ofB, within(1e-12));
        assertThat(shares.get(2)).isZero();
        // A run that dominates another has more of the box, whatever else is in it.
        RunSummary better = SampleRuns.run("c", "digits", new double[] {0.71, 1.4});
        List<Double> again = ComparePage.hypervolumes(List.of(b, better));
        assertThat(again.get(1)).isGreaterThan(again.get(0));
    }

    @Test
    void givenRunsOfOneAndOfTwoDataSets_whenCompared_thenOnlyTheLatterAreWarnedOf() throws Exception {
        RunSummary a = SampleRuns.run("a", "digits", new double[] {0.5, 1}, new double[] {0.9, 2});
        RunSummary b = SampleRuns.run("b", "photos", new double[] {0.7, 1.5});
        String same = ComparePage.render(List.of(a, a));
        String other = ComparePage.render(List.of(a, b));
        assertThat(same).contains("All were asked the same").doesNotContain("Not the same data");
        assertThat(other).contains("Not the same data:", "digits, photos", "cannot be compared");
        assertThat(other).isEqualTo(ComparePage.render(List.of(a, b)));
        Document xml = parse(other);
        // A row a run, a row a setting that differs, a row a network, three headings.
        assertThat(xml.getElementsByTagName("tr").getLength()).isEqualTo(2 + 1 + 3 + 3);
        assertThat(other).contains("default-src 'none'").doesNotContain("connect-src");
    }

    @Test
    void givenRunsForMicrocontrollers_whenCompared_thenRamAndFlashAreShownWhereKnown() throws Exception {
        RunSummary cpu = SampleRuns.run("cpu", "digits", new double[] {0.5, 1}, new double[] {0.9, 2});
        RunSummary mcu = SampleRuns.firmware(cpu, 100 * 1024, 50 * 1024);
        String without = ComparePage.render(List.of(cpu));
        assertThat(without).doesNotContain("peak SRAM", "flash");
        String with = ComparePage.render(List.of(cpu, mcu));
        parse(with);
        assertThat(with)
                .contains("peak SRAM, planned", "flash, planned", "Top-1 against peak SRAM", "Top-1 against flash")
                .contains(Shown.kib(100 * 1024), Shown.kib(50 * 1024))
                .contains("<td data-v=\"1e300\">–</td>")
                .doesNotContain(">NaN", "\"NaN");
        // A run that does not know them has no place in a box that has them as an axis.
        assertThat(CommonHypervolume.of(List.of(mcu, mcu)).metrics()).contains(Metric.PEAK_SRAM);
        assertThat(CommonHypervolume.of(List.of(cpu, mcu)).metrics()).doesNotContain(Metric.PEAK_SRAM);
        assertThat(ComparePage.hypervolumes(List.of(cpu, mcu))).allMatch(Double::isFinite);
    }

    @Test
    void givenHostileNames_whenCompared_thenTheyAreTextOnly() throws Exception {
        for (String hostile : Hostile.TEXTS) {
            RunSummary run = SampleRuns.run(hostile, hostile, new double[] {0.5, 1});
            RunSummary hostileSettings = new RunSummary(
                    hostile,
                    Map.of(hostile, hostile),
                    hostile,
                    run.objectives(),
                    Map.of(),
                    1,
                    Double.NaN,
                    run.front(),
                    false,
                    -1);
            Hostile.requireText(ComparePage.render(List.of(run, hostileSettings)), 1);
        }
    }

    @Test
    void givenRunsWithoutAFrontOrTooMany_whenRendered_thenItWorksOrIsRefused() throws Exception {
        RunSummary none = SampleRuns.run("none", "digits");
        parse(ComparePage.render(List.of(none)));
        parse(ComparePage.render(Collections.nCopies(ComparePage.MOST_RUNS, none)));
        assertThatThrownBy(() -> ComparePage.render(List.of())).hasMessageContaining("not 0");
        assertThatThrownBy(() -> ComparePage.render(Collections.nCopies(27, none)))
                .hasMessageContaining("27");
    }
}
