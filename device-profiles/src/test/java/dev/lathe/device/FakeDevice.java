package dev.lathe.device;

import dev.lathe.graph.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** A clock that only networks move, and networks that move it: what the protocol does is then exact. */
final class FakeDevice {
    long now;
    final List<String> runs = new ArrayList<>();
    int loaded;
    int mostLoaded;

    /** @param nanosOfRun how long the run that is the last of {@link #runs} takes */
    RunnableNetwork load(String id, ToLongFunction<String> nanosOfRun) {
        loaded++;
        mostLoaded = Math.max(mostLoaded, loaded);
        return new RunnableNetwork() {
            @Override
            public void run() {
                runs.add(id);
                now += nanosOfRun.applyAsLong(id);
            }

            @Override
            public void close() {
                loaded--;
            }
        };
    }

    InterleavedTimer timer(MeasurementProtocol protocol, long seed, ToLongFunction<String> nanosOfRun) {
        return new InterleavedTimer(profile(protocol), seed, () -> now, t -> load(t.id(), nanosOfRun));
    }

    /** Runs with repeats of one network in a row joined: the order of the rounds. */
    List<String> roundsInOrder() {
        List<String> order = new ArrayList<>();
        for (String r : runs) {
            if (order.isEmpty() || !order.get(order.size() - 1).equals(r)) {
                order.add(r);
            }
        }
        return order;
    }

    static DeviceProfile profile(MeasurementProtocol protocol) {
        return profile("fake", 1, protocol);
    }

    static DeviceProfile profile(String id, int threads, MeasurementProtocol protocol) {
        return new DeviceProfile(
                id,
                "a fake",
                "none",
                Precision.FP32,
                threads,
                1,
                true,
                DeviceProfile.Memory.AMPLE,
                new Connection.Local(Connection.Engine.ONNX_RUNTIME),
                protocol,
                new TreeMap<>());
    }

    static List<MeasurementTask> tasks(int n) {
        List<MeasurementTask> tasks = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            tasks.add(new MeasurementTask("net-" + i, () -> new byte[0], Shape.of(1, 2, 2)));
        }
        return tasks;
    }
}
