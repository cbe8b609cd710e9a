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
 * Counts the instructions of networks as C on an emulated core. The count is exact and repeats to the last instruction; the
 * milliseconds made of it, one instruction a cycle, are an estimate: an emulator knows no pipeline, cache or wait state. Several
 * networks share one program on a board with ample memory, so that counts do not depend on what fits the chip.
 */
public final class FirmwareMeter implements LatencyMeter {
    private static final int PER_PROGRAM = 10;

    private final DeviceProfile device;
    private final Microcontroller board;
    private final double instructionsPerMs;

    FirmwareMeter(DeviceProfile device, Connection.Emulated connection) {
        this.device = device;
        this.board = Microcontroller.get(connection.microcontroller())
                .withBudgets(Microcontroller.BOARD_BYTES, Microcontroller.BOARD_BYTES);
        this.instructionsPerMs = connection.clockMhz() * 1e3;
    }

    @Override
    public DeviceProfile device() {
        return device;
    }

    @Override
    public List<LatencyMeasurement> measure(
            List<MeasurementTask> tasks, ProgressListener progress, MeasurementSink sink) throws IOException {
        if (!Firmware.hasEmulator()) {
            throw new InvalidInputException("%s is emulated: %s"
                    .formatted(device.id(), Firmware.missing().orElse("an emulator is missing")));
        }
        List<LatencyMeasurement> all = new ArrayList<>();
        for (int from = 0; from < tasks.size(); from += PER_PROGRAM) {
            List<MeasurementTask> group = tasks.subList(from, Math.min(tasks.size(), from + PER_PROGRAM));
            List<LatencyMeasurement> measured = count(group);
            sink.accept(measured);
            all.addAll(measured);
            progress.report("counting instructions", all.size(), tasks.size(), "");
        }
        return all;
    }

    private List<LatencyMeasurement> count(List<MeasurementTask> tasks) throws IOException {
        List<CBench.Entry> entries = new ArrayList<>();
        for (MeasurementTask t : tasks) {
            if (t.code() == null) {
                throw new IllegalArgumentException("Network %s has no form in C".formatted(t.id()));
            }
            CModel m = t.code().get();
            entries.add(new CBench.Entry(
                    m, List.of(m.sample(new float[(int) t.inputShape().elements()]))));
        }
        Path folder = Files.createTempDirectory("lathe-count");
        try {
            Firmware f = Firmware.of(folder, entries);
            f.link(board);
            BenchReport report = f.emulated(board);
            List<LatencyMeasurement> measured = new ArrayList<>();
            for (int i = 0; i < tasks.size(); i++) {
                long instructions = report.of(entries.get(i).model().name()).instructions();
                double ms = instructions / instructionsPerMs;
                measured.add(new LatencyMeasurement(
                        tasks.get(i).id(),
                        ms,
                        ms,
                        ms,
                        0,
                        1,
                        1,
                        device.id(),
                        device.protocol().id(),
                        List.of(List.of(ms))));
            }
            return measured;
        } finally {
            Folders.delete(folder);
        }
    }
}
