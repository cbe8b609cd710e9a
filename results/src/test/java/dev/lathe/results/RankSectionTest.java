package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.results.RankReport.Network;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class RankSectionTest {
    private static RankReport report(boolean fit, Network... networks) {
        return new RankReport(List.of(networks), fit, "tau & <bars>", Map.of("Spearman", "0.93"), "On 300 images.");
    }

    @Test
    void givenARanking_whenThePageIsRendered_thenItHasADotANetworkAndTheVerdict() throws Exception {
        RankReport rank =
                report(true, new Network("a", 0.90, 0.95), new Network("b", 0.92, 0.93), new Network("c", 0.94, 0.97));
        String page = ReportPage.render(SampleReport.data("ranked", rank));
        DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(page.replace("<!DOCTYPE html>\n", ""))));
        String section = page.substring(page.indexOf("<section class=\"card rank\">"));
        section = section.substring(0, section.indexOf("</section>"));
        assertThat(section)
                .contains("● fit to search", "tau &amp; &lt;bars&gt;", "Spearman", "0.93", "On 300 images.")
                .contains("trained alone", "inherited");
        String dots = section.substring(section.indexOf("<path class=\"dots large\""));
        assertThat(dots.substring(0, dots.indexOf("/>")).split("h0", -1)).hasSize(4);
        assertThat(section).contains("class=\"line budget\"");
        assertThat(ReportPage.render(SampleReport.data())).doesNotContain("card rank");
    }

    @Test
    void givenEqualOrFarApartAccuracies_whenRendered_thenThePlotStands() {
        assertThat(RankSection.render(report(false, new Network("a", 0, 0.9), new Network("b", 0, 0.9))))
                .contains("✕ not fit to search")
                .doesNotContain("line budget", "NaN");
        assertThatThrownBy(() -> report(false, new Network("a", 0, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two networks");
    }
}
