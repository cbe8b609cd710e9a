package dev.lathe.space.hat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class HatMiniSpaceTest extends SearchSpaceContract {
    private final HatSpace space = new HatSpace(HatSettings.MINI, HatSettings.MINI.usualTask());

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 400;
    }

    @Test
    void theLargestNetworkHasTwoPointEightMillionWeightsBesideItsTable() {
        assertThat(HatCosts.of(space, space.largest()).parameters() / 1e6).isBetween(2.75, 2.85);
        assertThat(space.size()).isEqualTo(BigInteger.valueOf(2L * 2 * 1296 * (36 + 1296 + 46_656 + 1_679_616)));
    }
}
