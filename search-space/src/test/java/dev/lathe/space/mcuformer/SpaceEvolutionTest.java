package dev.lathe.space.mcuformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.mcuformer.SpaceEvolution.Scored;
import dev.lathe.space.mcuformer.SpaceEvolution.Slope;
import dev.lathe.space.mcuformer.SpaceEvolution.Supernet;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SpaceEvolutionTest {
    /** Accuracy rises with the ratio and falls with the patch size; everything fits. */
    private static Scored plane(double ratio, int patch) {
        return new Scored(new Supernet(ratio, patch), 0.3 + 0.5 * ratio - 0.01 * patch, 1);
    }

    private static final List<Scored> PLANE =
            List.of(plane(0.5, 16), plane(0.6, 20), plane(0.7, 16), plane(0.8, 24), plane(0.4, 28));

    @Test
    void aPlaneIsFittedExactly() {
        Slope s = SpaceEvolution.slope(PLANE, Scored::accuracy);
        assertThat(s.ratio()).isCloseTo(0.5, Offset.offset(1e-12));
        assertThat(s.patch()).isCloseTo(-0.01, Offset.offset(1e-12));
    }

    @Test
    void theNextSupernetLiesUpTheSlopeOfAccuracy() {
        assertThat(SpaceEvolution.next(new Supernet(0.6, 24), PLANE)).isEqualTo(new Supernet(0.7, 20));
    }

    @Test
    void theNextSupernetLiesInTheSpace() {
        assertThat(SpaceEvolution.next(new Supernet(0.9, 16), PLANE)).isEqualTo(new Supernet(0.95, 16));
    }

    @Test
    void onlyTheFiveNearestCount() {
        List<Scored> far = new ArrayList<>(PLANE);
        far.add(new Scored(new Supernet(0.95, 32), 1, 0));
        assertThat(SpaceEvolution.next(new Supernet(0.5, 20), far))
                .isEqualTo(SpaceEvolution.next(new Supernet(0.5, 20), PLANE));
    }

    @Test
    void pointsOnALineAreRefused() {
        List<Scored> line = List.of(plane(0.5, 16), plane(0.6, 16), plane(0.7, 16));
        assertThatThrownBy(() -> SpaceEvolution.slope(line, Scored::accuracy))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("on a line");
        List<Scored> slanted = List.of(plane(0.5, 16), plane(0.6, 20), plane(0.7, 24));
        assertThatThrownBy(() -> SpaceEvolution.slope(slanted, Scored::accuracy))
                .hasMessageContaining("3 supernets");
        assertThatThrownBy(() -> SpaceEvolution.slope(List.of(), Scored::accuracy))
                .hasMessageContaining("0 supernets");
    }
}
