package dev.lathe.cli;

import dev.lathe.device.DeviceProfile;
import dev.lathe.device.Devices;
import dev.lathe.device.LatencyMeter;
import dev.lathe.device.RunnableNetwork;
import dev.lathe.graph.Graph;
import dev.lathe.supernet.TorchNetwork;
import java.util.Objects;
import java.util.function.Supplier;

/** What times networks, on all kinds of devices: those of device-profiles, and the engine that trains supernets. */
final class Meters {
    private Meters() {}

    /** @param seed decides the order in which networks are timed, and the values of their input */
    static LatencyMeter of(DeviceProfile device, long seed) {
        return Devices.meter(device, seed, task -> {
            Supplier<Graph> graph = Objects.requireNonNull(task.graph(), "A network without a graph: " + task.id());
            return load(new TorchNetwork(graph.get(), device.batch(), device.threads(), seed));
        });
    }

    private static RunnableNetwork load(TorchNetwork network) {
        return new RunnableNetwork() {
            @Override
            public void run() {
                network.run();
            }

            @Override
            public void close() {
                network.close();
            }
        };
    }
}
