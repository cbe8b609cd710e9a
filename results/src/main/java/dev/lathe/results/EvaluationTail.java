package dev.lathe.results;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Follows a log of evaluations that another process writes: each call reads what was added since the last, whole lines only. Keeps
 * the best of latency and top-1, and how many there were. Used by one thread at a time.
 */
final class EvaluationTail {
    private static final int BLOCK = 1 << 20;

    private final Path file;
    private long offset;
    private long count;
    private String rest = "";
    private int top1 = -1;
    private int latency = -1;
    private List<double[]> front = new ArrayList<>();

    EvaluationTail(Path file) {
        this.file = file;
    }

    /** Reads on; from the start where the file has become shorter, and nothing where it is not there. */
    void follow() throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            restart();
            return;
        }
        try (SeekableByteChannel in = Files.newByteChannel(file)) {
            if (in.size() < offset) {
                restart();
            }
            if (in.size() == offset) {
                return;
            }
            in.position(offset);
            ByteBuffer block = ByteBuffer.allocate(BLOCK);
            while (in.read(block) > 0) {
                offset += block.position();
                lines(new String(block.array(), 0, block.position(), StandardCharsets.ISO_8859_1));
                block.clear();
            }
        }
    }

    private void restart() {
        offset = 0;
        count = 0;
        rest = "";
        top1 = -1;
        latency = -1;
        front = new ArrayList<>();
    }

    private void lines(String text) {
        String all = rest + text;
        int from = 0;
        for (int end = all.indexOf('\n'); end >= 0; end = all.indexOf('\n', from)) {
            line(all.substring(from, end).split(",", -1));
            from = end + 1;
        }
        // A line of any sense is short; of a file that has none nothing is kept.
        rest = all.length() - from > BLOCK ? "" : all.substring(from);
    }

    private void line(String[] cells) {
        if (cells[0].equals("index")) {
            for (int i = 0; i < cells.length; i++) {
                top1 = cells[i].equals(Metric.TOP1.key()) ? i : top1;
                latency = cells[i].equals(Metric.LATENCY.key()) ? i : latency;
            }
            return;
        }
        count++;
        if (top1 < 0 || latency < 0 || cells.length <= Math.max(top1, latency)) {
            return;
        }
        try {
            add(Double.parseDouble(cells[latency]), Double.parseDouble(cells[top1]));
        } catch (NumberFormatException e) {
            // A damaged line shows nothing; whoever works with the log will complain.
        }
    }

    private void add(double ms, double share) {
        if (!Double.isFinite(ms) || !Double.isFinite(share)) {
            return;
        }
        for (double[] p : front) {
            if (p[0] <= ms && p[1] >= share) {
                return;
            }
        }
        front.removeIf(p -> p[0] >= ms && p[1] <= share);
        front.add(new double[] {ms, share});
    }

    /** Lines that were evaluations. */
    long count() {
        return count;
    }

    /** Latency in milliseconds and top-1 of those that none beats in both, by latency. */
    List<double[]> front() {
        return front.stream().sorted((a, b) -> Double.compare(a[0], b[0])).toList();
    }
}
