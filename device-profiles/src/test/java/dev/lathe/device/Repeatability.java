package dev.lathe.device;

import dev.lathe.base.ProgressListener;
import dev.lathe.base.Seeds;
import dev.lathe.graph.Shape;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How well two measurements of the same random networks agree on this machine. Arguments: space, networks, and protocols as
 * {@code warmUp,timed,rounds,micros}; no test, because it says something of the machine.
 */
final class Repeatability {
    private Repeatability() {}

    public static void main(String[] args) throws IOException {
        SearchSpace space = SearchSpaces.create(args[0], new TaskShape(1, 8, 8, 10));
        RandomGenerator random = Seeds.generator(11, "repeatability", 0);
        List<Architecture> networks = Stream.generate(() -> space.random(random))
                .distinct()
                .limit(Integer.parseInt(args[1]))
                .toList();
        List<MeasurementTask> tasks = networks.stream()
                .map(a -> new MeasurementTask(a.toString(), () -> TestModels.export(space, a, 1), Shape.of(1, 8, 8)))
                .toList();
        for (String p : Arrays.copyOfRange(args, 2, args.length)) {
            int[] v = Arrays.stream(p.split(",")).mapToInt(Integer::parseInt).toArray();
            DeviceProfile device =
                    Devices.get("this-machine").withProtocol(new MeasurementProtocol(v[0], v[1], v[2], v[3], 0.5, 2));
            long start = System.nanoTime();
            double[] first = measure(device, 1, tasks);
            double seconds = (System.nanoTime() - start) / 1e9;
            double[] second = measure(device, 2, tasks);
            double[] off = IntStream.range(0, first.length)
                    .mapToDouble(i -> Math.abs(second[i] / first[i] - 1))
                    .sorted()
                    .toArray();
            double[] sorted = first.clone();
            Arrays.sort(sorted);
            System.out.printf(
                    "%s %s: %d networks, %.1f s (%.1f networks/s), %.3f to %.3f ms, Spearman %.4f, relative difference median %.1f %%, p90 %.1f %%%n",
                    args[0],
                    device.protocol().id(),
                    tasks.size(),
                    seconds,
                    tasks.size() / seconds,
                    sorted[0],
                    sorted[sorted.length - 1],
                    spearman(first, second),
                    100 * InterleavedTimer.quantile(off, 0.5),
                    100 * InterleavedTimer.quantile(off, 0.9));
        }
    }

    private static double[] measure(DeviceProfile device, long seed, List<MeasurementTask> tasks) throws IOException {
        return TestMeters.of(device, seed).measure(tasks, ProgressListener.SILENT, MeasurementSink.NONE).stream()
                .mapToDouble(LatencyMeasurement::medianMs)
                .toArray();
    }

    /** Rank correlation; ties do not happen among measured times. */
    private static double spearman(double[] a, double[] b) {
        double[] ra = ranks(a);
        double[] rb = ranks(b);
        double d = 0;
        for (int i = 0; i < ra.length; i++) {
            d += (ra[i] - rb[i]) * (ra[i] - rb[i]);
        }
        double n = ra.length;
        return 1 - 6 * d / (n * (n * n - 1));
    }

    private static double[] ranks(double[] v) {
        double[] ranks = new double[v.length];
        int[] order = IntStream.range(0, v.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> v[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int r = 0; r < order.length; r++) {
            ranks[order[r]] = r;
        }
        return ranks;
    }
}
