package dev.lathe.space.fbnetv3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.space.Comparison;
import org.junit.jupiter.api.Test;

class FbnetV3CostsTest {
    @Test
    void theReleasedModelsHaveThePublishedCosts() {
        assertThat(FbnetV3Costs.compare())
                .hasSize(7 * 3 + 2)
                .allSatisfy(c -> assertThat(c.agrees()).as(c.toString()).isTrue())
                .extracting(Comparison::theirs)
                .contains("355.5", "460.1", "555.6", "642.6", "760.0", "1178.9", "2125.2", "8.60", "8.55");
    }
}
