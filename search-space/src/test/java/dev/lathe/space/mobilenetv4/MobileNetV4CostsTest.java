package dev.lathe.space.mobilenetv4;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.space.Comparison;
import org.junit.jupiter.api.Test;

class MobileNetV4CostsTest {
    @Test
    void theReleasedModelsHaveThePublishedCosts() {
        assertThat(MobileNetV4Costs.compare())
                .hasSize(10)
                .allSatisfy(c -> assertThat(c.agrees()).as(c.toString()).isTrue())
                .extracting(Comparison::theirs)
                .startsWith("3.774", "9.716", "32.591", "11.07", "37.76");
    }
}
