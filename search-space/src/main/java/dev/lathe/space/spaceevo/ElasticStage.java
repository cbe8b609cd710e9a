package dev.lathe.space.spaceevo;

import java.util.List;

/**
 * One row of a hyperspace's macro architecture.
 *
 * @param widths channels that a block of the stage may have in some space, ascending
 * @param minDepth fewest blocks
 * @param maxDepth most blocks
 * @param stride of the first block; the others keep the size
 * @param window how many consecutive widths one space keeps
 */
public record ElasticStage(List<Integer> widths, int minDepth, int maxDepth, int stride, int window) {
    public ElasticStage {
        widths = List.copyOf(widths);
    }

    /** Widths from {@code first} to {@code last} by {@code step}. */
    static ElasticStage of(int first, int last, int step, int minDepth, int maxDepth, int stride, int window) {
        return new ElasticStage(steps(first, last, step), minDepth, maxDepth, stride, window);
    }

    /** {@code first} to {@code last} by {@code step}. */
    static List<Integer> steps(int first, int last, int step) {
        return java.util.stream.IntStream.rangeClosed(0, (last - first) / step)
                .mapToObj(i -> first + i * step)
                .toList();
    }

    /** Number of windows to choose from. */
    public int windows() {
        return widths.size() - window + 1;
    }

    /** The widths that window {@code w} keeps. */
    public List<Integer> widths(int w) {
        return widths.subList(w, w + window);
    }
}
