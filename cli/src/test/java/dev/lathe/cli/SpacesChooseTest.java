package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import dev.lathe.base.ProgressListener;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.SpaceStatistics;
import dev.lathe.space.TaskShape;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpacesChooseTest {
    /** MCUNet's rule: neither the smallest images, of which all networks fit, nor the largest, of which none does. */
    @Test
    void theSpaceWhoseFittingNetworksHaveTheMostMacsComesFirst() throws Exception {
        Lathe.Result r = Lathe.run(
                "spaces",
                "choose",
                "-q",
                "mbconv-tiny",
                "--image-size",
                "8,12,16,32",
                "--samples",
                "200",
                "--budget",
                "peakActivation=40 KiB",
                "--json");
        assertThat(r.exitCode()).as(r.err()).isZero();
        JsonNode spaces = Json.json().readTree(r.out()).get("spaces");
        assertThat(spaces).hasSize(4);
        double before = Double.POSITIVE_INFINITY;
        for (JsonNode s : spaces) {
            int side = Integer.parseInt(s.get("input").asText().split(" ")[0]);
            SearchSpace space = SearchSpaces.create("mbconv-tiny", new TaskShape(1, side, side, 10));
            SpaceStatistics.Fit fit = SpaceStatistics.sample(space, 200, 1, ProgressListener.SILENT)
                    .fitting(Map.of(SpaceStatistics.PEAK_ACTIVATION_BYTES, 40.0 * 1024));
            assertThat(s.get("share").asDouble()).isEqualTo(fit.share());
            double macs = s.has("meanMacs") ? s.get("meanMacs").asDouble() : 0;
            assertThat(macs).isEqualTo(fit.networks() == 0 ? 0 : fit.meanMacs()).isLessThanOrEqualTo(before);
            before = macs;
        }
        assertThat(spaces.get(0).get("share").asDouble()).isBetween(0.0, 1.0);
        assertThat(spaces.get(0).get("input").asText()).isNotEqualTo("8 x 8");
    }

    @Test
    void whatCannotBeChosenIsSaid() {
        assertThat(Lathe.run("spaces", "choose", "mbconv-tiny").err()).contains("without a limit");
        assertThat(Lathe.run("spaces", "choose", "-q", "mbconv-tini", "--budget", "macs=1M")
                        .err())
                .contains("did you mean 'mbconv-tiny'?");
        assertThat(Lathe.run("spaces", "choose", "hat-mini", "--image-size", "32", "--budget", "macs=1M")
                        .err())
                .contains("takes no images");
        assertThat(Lathe.run("spaces", "choose", "-q", "mbconv-tiny", "--samples", "20", "--budget", "macs=1")
                        .out())
                .contains("nothing fits");
    }
}
