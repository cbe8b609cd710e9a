package dev.lathe.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.graph.CostModel;
import dev.lathe.graph.Graph;
import dev.lathe.graph.MemoryPlanner;
import dev.lathe.graph.Node;
import dev.lathe.graph.ParameterUse;
import dev.lathe.graph.Range;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The laws of every search space. */
public abstract class SearchSpaceContract {
    protected abstract SearchSpace space();

    /** How many random points each law is tried on; fewer for large networks. */
    protected int points() {
        return 5_000;
    }

    /**
     * Whether the number of networks is counted exactly by {@link ExactSize}, not estimated: where stages are deep, nearly all
     * networks have depths that few random codes have.
     */
    protected boolean countsExactly() {
        return false;
    }

    /** Below this number of networks a space is not worth a search. */
    protected long leastSize() {
        return 100_000;
    }

    /**
     * How close the sampled size must come, in percent: about three standard errors, which are larger where few codes are
     * fully active.
     */
    protected double sizeTolerance() {
        return 3;
    }

    /** A draw that need not be canonical. */
    private Architecture raw(SplittableRandom random) {
        List<Decision> d = space().decisions();
        int[] c = new int[d.size()];
        for (int i = 0; i < c.length; i++) {
            c[i] = random.nextInt(d.get(i).size());
        }
        return Architecture.of(space().name(), c);
    }

    @Test
    void canonicalIsIdempotentAndKeepsTheGraph() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < points(); i++) {
            Architecture a = raw(random);
            Architecture canonical = space().canonical(a);
            assertThat(space().canonical(canonical)).isEqualTo(canonical);
            assertThat(space().lower(canonical)).isEqualTo(space().lower(a));
        }
    }

    @Test
    void graphsAreEqualExactlyWhenCanonicalFormsAre() {
        SplittableRandom random = new SplittableRandom(2);
        Map<List<Object>, Architecture> seen = new HashMap<>();
        Set<Architecture> canonical = new HashSet<>();
        for (int i = 0; i < points(); i++) {
            Architecture a = space().canonical(raw(random));
            canonical.add(a);
            Architecture before = seen.put(List.of(space().lower(a), space().recipe(a)), a);
            assertThat(before == null || before.equals(a))
                    .as("%s and %s lower to one graph", before, a)
                    .isTrue();
        }
        assertThat(seen).hasSameSizeAs(canonical);
    }

    /** The largest and the smallest; where choices share no weights, the largest and smallest of each. */
    @Test
    void theSmallestAndLargestNetworkBoundEveryCost() {
        SplittableRandom random = new SplittableRandom(3);
        long[] least = {Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE};
        long[] most = new long[3];
        for (Architecture a : space().floors()) {
            long[] c = costs(a);
            for (int i = 0; i < c.length; i++) {
                least[i] = Math.min(least[i], c[i]);
            }
        }
        for (Architecture a : space().covering()) {
            long[] c = costs(a);
            for (int i = 0; i < c.length; i++) {
                most[i] = Math.max(most[i], c[i]);
            }
        }
        for (int i = 0; i < points(); i++) {
            Architecture a = space().random(random);
            long[] c = costs(a);
            for (int j = 0; j < c.length; j++) {
                assertThat(c[j]).as("cost %d of %s", j, a).isBetween(least[j], most[j]);
            }
            if (space().task() instanceof TaskShape t) {
                assertThat(space().lower(a).output().shape().elements()).isEqualTo(t.classes());
            }
        }
    }

    /**
     * Parameters, MACs, elements moved. Not the peak activation memory: a residual, which only equal widths allow, keeps its
     * operand alive, so a wider network may need less than the smallest.
     */
    private long[] costs(Architecture a) {
        Graph g = space().lower(a);
        CostModel.Cost c = CostModel.of(g);
        assertThat(MemoryPlanner.peakBytes(g, 1)).isPositive();
        return new long[] {c.parameters(), c.macs(), c.movedElements()};
    }

    @Test
    void crossoverAndMutationStayInside() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < points() / 5; i++) {
            int[] a = space().random(random).choices();
            int[] b = space().random(random).choices();
            for (int j = 0; j < a.length; j++) {
                a[j] = random.nextInt(5) == 0
                        ? random.nextInt(space().decisions().get(j).size())
                        : random.nextBoolean() ? a[j] : b[j];
            }
            Architecture child = space().canonical(Architecture.of(space().name(), a));
            space().check(child);
            assertThat(space().canonical(child)).isEqualTo(child);
            assertThat(space().lower(child).output().shape())
                    .isEqualTo(space().lower(space().largest()).output().shape());
        }
    }

    @Test
    void theCoveringNetworksHoldEverySliceOfEveryNetwork() {
        Map<String, int[]> extents = new HashMap<>();
        for (Architecture a : space().covering()) {
            for (Node n : space().lower(a).nodes()) {
                for (ParameterUse use : n.op().parameters()) {
                    int[] e = extents.computeIfAbsent(
                            use.slice().parameter(), k -> new int[use.slice().rank()]);
                    for (int i = 0; i < e.length; i++) {
                        e[i] = Math.max(e[i], use.slice().ranges().get(i).to());
                    }
                }
            }
        }
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < points(); i++) {
            for (Node n : space().lower(space().random(random)).nodes()) {
                for (ParameterUse use : n.op().parameters()) {
                    int[] e = extents.get(use.slice().parameter());
                    assertThat(e).as(use.slice().parameter()).isNotNull();
                    for (int axis = 0; axis < e.length; axis++) {
                        Range r = use.slice().ranges().get(axis);
                        assertThat(r.to()).as("%s axis %d", use.slice(), axis).isLessThanOrEqualTo(e[axis]);
                    }
                }
            }
        }
    }

    /**
     * Counted without knowing the space: a canonical form is drawn by as many raw codes as its inactive decisions have choices
     * together, so the number of canonical forms is the mean over raw codes of 1 / that, times the number of raw codes. Which
     * decisions are inactive is found by trying. Exact for all codes, close for a sample.
     */
    @Test
    protected void theSizeIsTheNumberOfCanonicalForms() {
        assertThat(space().size()).isGreaterThanOrEqualTo(BigInteger.valueOf(leastSize()));
        if (countsExactly()) {
            assertThat(space().size()).isEqualTo(ExactSize.of(space()));
            return;
        }
        List<Decision> d = space().decisions();
        double raws = d.stream().mapToDouble(Decision::size).reduce(1, (x, y) -> x * y);
        SplittableRandom random = new SplittableRandom(6);
        double sum = 0;
        int samples = 40_000;
        for (int i = 0; i < samples; i++) {
            Architecture a = space().canonical(raw(random));
            double codes = 1;
            for (int j = 0; j < d.size(); j++) {
                int[] c = a.choices();
                if (d.get(j).size() == 1) {
                    continue;
                }
                c[j] = c[j] == 0 ? 1 : 0;
                codes *= space().canonical(Architecture.of(space().name(), c)).equals(a)
                        ? d.get(j).size()
                        : 1;
            }
            sum += 1 / codes;
        }
        assertThat(raws * sum / samples)
                .isCloseTo(
                        space().size().doubleValue(), org.assertj.core.data.Percentage.withPercentage(sizeTolerance()));
    }

    @Test
    void textFormsAreReadBack() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 1000; i++) {
            Architecture a = space().random(random);
            assertThat(Architecture.parse(a.toString())).isEqualTo(a);
        }
    }

    @Test
    void foreignPointsAreRefusedWithTheReason() {
        Architecture other = Architecture.of("other", space().largest().choices());
        assertThatThrownBy(() -> space().lower(other)).hasMessageContainingAll("other", space().name());
        int[] c = space().largest().choices();
        c[1] = 99;
        assertThatThrownBy(() -> space().lower(Architecture.of(space().name(), c)))
                .hasMessageContainingAll(space().decisions().get(1).name(), "99");
    }
}
