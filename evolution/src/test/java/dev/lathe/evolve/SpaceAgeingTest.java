package dev.lathe.evolve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.base.ProgressListener;
import dev.lathe.space.spaceevo.Hyperspace;
import dev.lathe.space.spaceevo.SpaceGenome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpaceAgeingTest {
    /** Wants block 2 everywhere and small windows. */
    private static double score(SpaceGenome g) {
        double sum = 0;
        for (int i = 0; i < Hyperspace.STAGES; i++) {
            sum += (g.blocks().get(i) == 2 ? 3 : 0)
                    - g.windows().get(i)
                    + 0.1 * i * g.blocks().get(i);
        }
        return sum;
    }

    @Test
    void findsTheBestSpaceScoringEachOnce() {
        List<SpaceGenome> asked = new ArrayList<>();
        List<SpaceAgeing.Scored> found = SpaceAgeing.search(
                Hyperspace.ONNXW,
                g -> {
                    asked.add(g);
                    return score(g);
                },
                3000,
                1,
                ProgressListener.SILENT);
        assertThat(asked).hasSize(3000).doesNotHaveDuplicates();
        assertThat(found).hasSize(3000);
        assertThat(found.get(0).score()).isGreaterThanOrEqualTo(found.get(1).score());
        assertThat(found.get(0).space().toText()).isEqualTo("onnxw-222222-000000");
        assertThat(asked.subList(0, 500).stream()
                        .map(g -> g.blocks())
                        .distinct()
                        .count())
                .isGreaterThan(400);
    }

    @Test
    void oneSeedGivesOneResult() {
        List<SpaceAgeing.Scored> one =
                SpaceAgeing.search(Hyperspace.MOBILEW, SpaceAgeingTest::score, 700, 4, ProgressListener.SILENT);
        assertThat(SpaceAgeing.search(Hyperspace.MOBILEW, SpaceAgeingTest::score, 700, 4, ProgressListener.SILENT))
                .isEqualTo(one);
        assertThat(SpaceAgeing.search(Hyperspace.MOBILEW, SpaceAgeingTest::score, 700, 5, ProgressListener.SILENT))
                .isNotEqualTo(one);
    }
}
