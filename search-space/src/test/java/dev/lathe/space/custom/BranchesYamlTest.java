package dev.lathe.space.custom;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaceContract;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;

class BranchesYamlTest extends SearchSpaceContract {
    private final SearchSpace space = Described.test("branches.yaml");

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
        // A unit: plain with 2 kernels; mobile with 2 kernels, expand 1 or another with 2 gates; deep.
        long unit = 2 + 2 * (1 + 2) + 1;
        long deep = unit * unit;
        // Hidden with two widths; else the tail is a choice where the second stage is deep.
        long second = 2 * (unit + deep) + unit + 2 * deep;
        assertThat(space.size()).isEqualTo(BigInteger.valueOf(4 * (unit + deep) * second));
    }

    @Test
    void aDecisionIsThereOnlyWhereItsConditionsAreThereAndHold() {
        List<String> names = space.decisions().stream().map(Decision::name).toList();
        int[] c = space.largest().choices();
        c[names.indexOf("stage0.unit0.kind")] = 1;
        c[names.indexOf("stage0.unit0.expand")] = 1;
        c[names.indexOf("stage0.unit0.gate")] = 1;
        assertThat(space.canonical(Architecture.of("branches", c)).choice(names.indexOf("stage0.unit0.gate")))
                .isEqualTo(1);
        // The gate asks for the expansion, which another kind of block does not have.
        c[names.indexOf("stage0.unit0.kind")] = 0;
        Architecture plain = space.canonical(Architecture.of("branches", c));
        assertThat(plain.choice(names.indexOf("stage0.unit0.gate"))).isZero();
        assertThat(plain.choice(names.indexOf("stage0.unit0.expand"))).isZero();
    }
}
