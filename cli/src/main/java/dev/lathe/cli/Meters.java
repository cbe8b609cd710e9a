package dev.lathe.cli;

import dev.lathe.device.DeviceFile;
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

    /**
     * Refuses at once what would be refused when the first network is loaded.
     *
     * @throws dev.lathe.base.InvalidInputException if the engine here is not the device's
     */
    static void check(DeviceProfile device) {
        if (device.runsGraphs()) {
            TorchNetwork.require(DeviceFile.torchVersion(), device.threads());
        }
    }

    /** @param seed decides the order in which networks are timed, the values of their input, and weights where the graph is run */
    static LatencyMeter of(DeviceProfile device, long seed) {
        check(device);
        return Devices.meter(device, seed, task -> {
            Supplier<Graph> graph = Objects.requireNonNull(task.graph(), "A network without a graph: " + task.id());
            return load(new TorchNetwork(graph.get(), device.batch(), seed));
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
