package dev.lathe.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Counts the canonical forms of a space exactly, without knowing it, where each inactive decision is switched off by one other
 * that is always active: blocks by the depth of their stage. Which one switches off what is found by trying.
 */
final class ExactSize {
    private static final int CHECKS = 300;

    private final SearchSpace space;
    private final List<Decision> decisions;
    /** For each choice of each decision, the decisions that it switches off. */
    private final boolean[][][] off;
    /** For each decision, those that some choice of it switches off. */
    private final boolean[][] under;

    private final boolean[] child;

    private ExactSize(SearchSpace space) {
        this.space = space;
        this.decisions = space.decisions();
        int n = decisions.size();
        this.off = new boolean[n][][];
        this.under = new boolean[n][n];
        this.child = new boolean[n];
        for (int i = 0; i < n; i++) {
            off[i] = new boolean[decisions.get(i).size()][];
            for (int v = 0; v < off[i].length; v++) {
                int[] c = space.largest().choices();
                c[i] = v;
                off[i][v] = inactive(c);
                for (int j = 0; j < n; j++) {
                    under[i][j] |= off[i][v][j];
                    child[j] |= off[i][v][j];
                }
            }
        }
    }

    /** @throws AssertionError if the space is not of that kind */
    static BigInteger of(SearchSpace space) {
        ExactSize s = new ExactSize(space);
        s.check();
        return s.count();
    }

    /** The decisions that can be changed without changing the network. */
    private boolean[] inactive(int[] choices) {
        Architecture canonical = space.canonical(Architecture.of(space.name(), choices));
        boolean[] inactive = new boolean[choices.length];
        for (int j = 0; j < choices.length; j++) {
            int[] c = choices.clone();
            c[j] = (c[j] + 1) % decisions.get(j).size();
            inactive[j] = decisions.get(j).size() > 1
                    && space.canonical(Architecture.of(space.name(), c)).equals(canonical);
        }
        return inactive;
    }

    private void check() {
        for (int i = 0; i < child.length; i++) {
            for (int j = 0; j < child.length; j++) {
                assertThat(child[i] && under[i][j])
                        .as("%s may be inactive itself", decisions.get(i).name())
                        .isFalse();
            }
        }
        SplittableRandom random = new SplittableRandom(10);
        for (int k = 0; k < CHECKS; k++) {
            int[] c = decisions.stream().mapToInt(d -> random.nextInt(d.size())).toArray();
            boolean[] expected = new boolean[c.length];
            for (int i = 0; i < c.length; i++) {
                for (int j = 0; j < c.length; j++) {
                    expected[j] |= off[i][c[i]][j];
                }
            }
            assertThat(inactive(c)).isEqualTo(expected);
        }
    }

    private BigInteger count() {
        BigInteger all = BigInteger.ONE;
        for (int i = 0; i < child.length; i++) {
            if (!child[i]) {
                BigInteger choices = BigInteger.ZERO;
                for (boolean[] without : off[i]) {
                    BigInteger n = BigInteger.ONE;
                    for (int j = 0; j < child.length; j++) {
                        if (under[i][j] && !without[j]) {
                            n = n.multiply(BigInteger.valueOf(decisions.get(j).size()));
                        }
                    }
                    choices = choices.add(n);
                }
                all = all.multiply(choices);
            }
        }
        return all;
    }
}
