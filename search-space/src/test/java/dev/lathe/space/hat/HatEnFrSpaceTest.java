package dev.lathe.space.hat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import org.junit.jupiter.api.Test;

class HatEnFrSpaceTest extends SearchSpaceContract {
    private final HatSpace space = new HatSpace(HatSettings.WMT_EN_FR, HatSettings.WMT_EN_FR.usualTask());

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 400;
    }

    @Test
    void onlyTheVocabularyDiffersFromEnglishGerman() {
        HatSpace german = new HatSpace(HatSettings.WMT_EN_DE, HatSettings.WMT_EN_DE.usualTask());
        assertThat(space.decisions()).isEqualTo(german.decisions());
        assertThat(space.size()).isEqualTo(german.size());
        assertThat(space.task().targetVocabulary()).isEqualTo(40_000);
    }
}
