package dev.lathe.space.custom;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class GlobalDepthYamlTest extends SearchSpaceContract {
    private final SearchSpace space = Described.test("global-depth.yaml");

    @Override
    protected SearchSpace space() {
        return space;
    }

    @Override
    protected int points() {
        return 1_000;
    }

    @Test
    void theSizeIsThatCountedByHand() {
        // A block: kernels 3 and 5 narrow or wide by two factors, kernel 7 alone; depths 0, 2, 4, 6; three widths, two
        // strides.
        BigInteger block = BigInteger.valueOf(2 * (1 + 2) + 1);
        BigInteger chains = BigInteger.ONE.add(block.pow(2)).add(block.pow(4)).add(block.pow(6));
        assertThat(space.size()).isEqualTo(chains.multiply(BigInteger.valueOf(3 * 2)));
    }
}
