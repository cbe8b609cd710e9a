package dev.lathe.device;

import dev.lathe.base.Folders;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.device.mcu.BenchReport;
import dev.lathe.device.mcu.Firmware;
import dev.lathe.device.mcu.Microcontroller;
import dev.lathe.graph.c.CBench;
import dev.lathe.graph.c.CModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Sees how much RAM networks as C touch on an emulated core: the arena up to the highest byte that a run changed, the most that
 * the stack held, and static data. Each network is a program of its own, for the stack's mark is the program's. A run repeats to
 * the last byte, so there is one.
 */
final class FirmwareMemoryMeter implements MemoryMeter {
    private final DeviceProfile device;
    private final Microcontroller board;

    FirmwareMemoryMeter(DeviceProfile device, Connection.Emulated connection) {
        this.device = device;
        this.board = Microcontroller.get(connection.microcontroller())
                .withBudgets(Microcontroller.BOARD_BYTES, Microcontroller.BOARD_BYTES);
    }

    @Override
    public DeviceProfile device() {
        return device;
    }

    @Override
    public String protocol() {
        return "firmware-touched";
    }

    @Override
    public List<MemoryMeasurement> measure(List<MeasurementTask> tasks, ProgressListener progress, Sink sink)
            throws IOException {
        if (!Firmware.hasEmulator()) {
            throw new InvalidInputException("%s is emulated: %s"
                    .formatted(device.id(), Firmware.missing().orElse("an emulator is missing")));
        }
        List<MemoryMeasurement> all = new ArrayList<>();
        for (MeasurementTask t : tasks) {
            MemoryMeasurement m = new MemoryMeasurement(t.id(), List.of(touched(t)), device.id(), protocol());
            sink.accept(m);
            all.add(m);
            progress.report("measuring memory", all.size(), tasks.size(), "");
        }
        return all;
    }

    private long touched(MeasurementTask t) throws IOException {
        if (t.code() == null) {
            throw new IllegalArgumentException("Network %s has no form in C".formatted(t.id()));
        }
        CModel m = t.code().get();
        Path folder = Files.createTempDirectory("lathe-touched");
        try {
            Firmware f = Firmware.of(
                    folder,
                    List.of(new CBench.Entry(
                            m, List.of(m.sample(new float[(int) t.inputShape().elements()])))));
            Firmware.Linked linked = f.link(board);
            BenchReport report = f.emulated(board);
            BenchReport.Memory arena = report.of(m.name());
            return linked.ramBytes()
                    - Firmware.STACK_BYTES
                    + report.stackBytes()
                    - (arena.arenaBytes() - arena.touchedBytes());
        } finally {
            Folders.delete(folder);
        }
    }
}
