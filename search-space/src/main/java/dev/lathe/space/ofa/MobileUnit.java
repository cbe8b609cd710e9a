package dev.lathe.space.ofa;

import dev.lathe.space.Architecture;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A unit of blocks and where its decisions stand.
 *
 * @param depthIndex its depth decision, or -1 where the depth is fixed
 * @param firstIndex the kernel decision of its first block; the expansion follows, then the next block
 * @param leastDepth blocks at least
 * @param blocks all of them, of which a subnet has the first ones
 */
record MobileUnit(int depthIndex, int firstIndex, int leastDepth, List<ElasticBlock> blocks) {
    int maxDepth() {
        return blocks.size();
    }

    /** The depths that it may have. */
    List<Double> depths() {
        return IntStream.rangeClosed(leastDepth, maxDepth())
                .mapToObj(d -> (double) d)
                .toList();
    }

    int depth(Architecture a) {
        return depthIndex < 0 ? leastDepth : leastDepth + a.choice(depthIndex);
    }

    int kernelIndex(int block) {
        return firstIndex + 2 * block;
    }

    int expandIndex(int block) {
        return firstIndex + 2 * block + 1;
    }
}
