package dev.lathe.space.custom;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.CostModel;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import dev.lathe.space.SearchSpaces;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class ConvSmallSpaceTest extends SearchSpaceContract {
    private final SearchSpace space = SearchSpaces.create("conv-small", SearchSpaces.usualTask("conv-small"));

    @Override
    protected SearchSpace space() {
        return space;
    }

    /** Few decisions, so that a supernet of it trains within half an hour on a laptop. */
    @Override
    protected long leastSize() {
        return 9_000;
    }

    @Override
    protected boolean countsExactly() {
        return true;
    }

    @Override
    protected int points() {
        return 300;
    }

    @Test
    void eachOfThreeStagesHasThreeWidthsAndNoneOneOrTwoConvolutionsOfTwoKernels() {
        assertThat(space.size()).isEqualTo(BigInteger.valueOf(3 * (1 + 2 + 4)).pow(3));
    }

    @Test
    void theCostOfTheLargestIsWhatItsConvolutionsHave() {
        long stem = 16 * 3 * 9L * 32 * 32;
        long first = (32 * 16 * 9 + 2 * 32 * 32 * 9L) * 16 * 16;
        long second = (64 * 32 * 9 + 2 * 64 * 64 * 9L) * 8 * 8;
        long third = (128 * 64 * 9 + 2 * 128 * 128 * 9L) * 4 * 4;
        long head = 128 * 128 * 4 * 4L + 128 * 10;
        assertThat(CostModel.of(space.lower(space.largest())).macs()).isEqualTo(stem + first + second + third + head);
    }
}
