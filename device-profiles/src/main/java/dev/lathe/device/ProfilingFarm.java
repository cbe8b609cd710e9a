package dev.lathe.device;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Several devices measured at the same time, with one queue for each place: profiles of one machine or phone (in float32 and in 8 bits, on one
 * thread and on two) are measured one after the other, because two meters there would time each other. This machine, with what it emulates,
 * comes when all others are done: networks for them are made on its processor.
 */
public final class ProfilingFarm {
    /** Of this machine and what it emulates. */
    static final String HERE = "this machine";

    private static final String PHONE = "adb";

    private ProfilingFarm() {}

    /**
     * What a device is to measure.
     *
     * @param meter of the device
     * @param tasks networks with different ids
     * @param table file of its measurements, in which those that are there already are not made again
     */
    public record Order(LatencyMeter meter, List<MeasurementTask> tasks, Path table) {
        public Order {
            tasks = List.copyOf(tasks);
        }

        DeviceProfile device() {
            return meter.device();
        }
    }

    /**
     * What came of an order.
     *
     * @param device that measured
     * @param place whose queue it was in
     * @param measurements of all tasks, in their order; none where it failed
     * @param failure in one line, or null; what was measured before it stands in the table
     */
    public record Outcome(
            DeviceProfile device,
            String place,
            List<LatencyMeasurement> measurements,
            @Nullable String failure) {}

    /**
     * Measures what is missing; a device that fails holds up no other.
     *
     * @return an outcome for each order, in their order
     * @throws IllegalArgumentException if two orders are for one device or one table
     */
    public static List<Outcome> measure(List<Order> orders, ProgressListener progress) {
        if (orders.stream().map(o -> o.device().id()).distinct().count() < orders.size()
                || orders.stream().map(Order::table).distinct().count() < orders.size()) {
            throw new IllegalArgumentException("A farm has each device and each table once");
        }
        Map<String, List<Order>> queues = queues(orders);
        Total total = new Total(orders, progress);
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        List<Order> last = queues.remove(HERE);
        if (!queues.isEmpty()) {
            ExecutorService farm = Executors.newFixedThreadPool(queues.size());
            try {
                List<Future<Map<String, Outcome>>> running = new ArrayList<>();
                queues.forEach((place, queue) -> running.add(farm.submit(() -> worked(place, queue, total))));
                for (Future<Map<String, Outcome>> queue : running) {
                    outcomes.putAll(queue.get());
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException("Measuring failed: " + e.getCause(), e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while measuring", e);
            } finally {
                farm.shutdownNow();
            }
        }
        if (last != null) {
            outcomes.putAll(worked(HERE, last, total));
        }
        return orders.stream()
                .map(o -> Objects.requireNonNull(outcomes.get(o.device().id())))
                .toList();
    }

    /** One place's orders, one after the other. */
    private static Map<String, Outcome> worked(String place, List<Order> queue, Total total) {
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        for (Order o : queue) {
            outcomes.put(o.device().id(), done(place, o, total));
        }
        return outcomes;
    }

    private static Outcome done(String place, Order o, Total total) {
        try (MeasurementTable table = MeasurementTable.open(o.table(), o.device())) {
            List<LatencyMeasurement> all = table.measureMissing(o.meter(), o.tasks(), total.of(o));
            return new Outcome(o.device(), place, all, null);
        } catch (InvalidInputException | IOException e) {
            return new Outcome(
                    o.device(), place, List.of(), String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " "));
        } finally {
            total.of(o).report("", 1, 1, "");
        }
    }

    /** Orders by place, in their order. */
    static Map<String, List<Order>> queues(List<Order> orders) {
        // A profile that names no phone is of whichever there is.
        boolean anyPhone = orders.stream()
                .anyMatch(o -> o.device().connection() instanceof Connection.Adb a && a.serial() == null);
        Map<String, List<Order>> queues = new LinkedHashMap<>();
        for (Order o : orders) {
            queues.computeIfAbsent(place(o.device().connection(), anyPhone), p -> new ArrayList<>())
                    .add(o);
        }
        return queues;
    }

    private static String place(Connection c, boolean anyPhone) {
        if (c instanceof Connection.Ssh s) {
            String host = s.host().toLowerCase(Locale.ROOT);
            // Another port of this machine is a tunnel, perhaps to a board.
            boolean isHere =
                    s.port() == 0 && (host.equals("localhost") || host.startsWith("127.") || host.equals("::1"));
            return isHere ? HERE : s.port() == 0 ? host : host + ":" + s.port();
        }
        if (c instanceof Connection.Adb a) {
            return anyPhone ? PHONE : PHONE + " " + a.serial();
        }
        return HERE;
    }

    /** All devices' progress as one, in networks. */
    private static final class Total {
        private final Map<String, Double> networks = new LinkedHashMap<>();
        private final ProgressListener progress;
        private final long all;

        Total(Collection<Order> orders, ProgressListener progress) {
            this.progress = progress;
            orders.forEach(o -> networks.put(o.device().id(), 0.0));
            this.all = orders.stream().mapToLong(o -> o.tasks().size()).sum();
        }

        ProgressListener of(Order o) {
            return (phase, done, total, note) -> hear(
                    o.device().id(),
                    total == 0 ? 0 : (double) done / total * o.tasks().size());
        }

        private synchronized void hear(String device, double count) {
            networks.merge(device, count, Math::max);
            double done = networks.values().stream().mapToDouble(d -> d).sum();
            progress.report("measuring on " + networks.size() + " devices", Math.round(done), all, "");
        }
    }
}
