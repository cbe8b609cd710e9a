package dev.lathe.device.mcu;

import dev.lathe.graph.c.CBench;
import dev.lathe.graph.c.CModel;
import dev.lathe.graph.quant.IntegerExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compares exported C with the integer reference: every bit of every logit, and every byte of the arena with the plan, on the
 * host and on an emulated core as far as compilers and emulator are there.
 */
public final class FirmwareCheck {
    private final Firmware firmware;
    private final List<CBench.Entry> entries = new ArrayList<>();
    private final List<List<int[]>> expected = new ArrayList<>();

    /**
     * What came of a comparison.
     *
     * @param agreeing networks of which every bit is right
     * @param packed networks whose arena was touched up to its last byte, as planned
     * @param report what the program printed
     */
    public record Result(int agreeing, int packed, BenchReport report) {}

    /**
     * @param folder for the sources and programs
     * @param models the networks
     * @param samples for each network, real values in the graph's order
     */
    public FirmwareCheck(Path folder, List<CModel> models, List<List<float[]>> samples) throws IOException {
        for (int i = 0; i < models.size(); i++) {
            CModel m = models.get(i);
            IntegerExecutor reference = new IntegerExecutor(m.network());
            entries.add(
                    new CBench.Entry(m, samples.get(i).stream().map(m::sample).toList()));
            expected.add(samples.get(i).stream().map(reference::run).toList());
        }
        firmware = Firmware.of(folder, entries);
    }

    /** On this machine; null without a compiler. */
    public @Nullable Result onHost() throws IOException {
        return Firmware.hasHost() ? compare(firmware.onHost(false)) : null;
    }

    /** Links for a device; null without a compiler for it. */
    public Firmware.@Nullable Linked link(Microcontroller device) throws IOException {
        return Firmware.hasEmulator() ? firmware.link(device) : null;
    }

    /** On a device's emulated core, after {@link #link}; null without an emulator. */
    public @Nullable Result emulated(Microcontroller device) throws IOException {
        return Firmware.hasEmulator() ? compare(firmware.emulated(device)) : null;
    }

    private Result compare(BenchReport report) {
        int agreeing = 0;
        int packed = 0;
        for (int i = 0; i < entries.size(); i++) {
            String name = entries.get(i).model().name();
            List<int[]> ours = report.logits().getOrDefault(name, List.of());
            boolean same = ours.size() == expected.get(i).size();
            for (int s = 0; same && s < ours.size(); s++) {
                same = Arrays.equals(ours.get(s), expected.get(i).get(s));
            }
            agreeing += same ? 1 : 0;
            BenchReport.Memory m = report.memory().get(name);
            long planned = entries.get(i).model().plan().peakSramBytes();
            packed += m != null && m.touchedBytes() == planned && m.arenaBytes() == planned ? 1 : 0;
        }
        return new Result(agreeing, packed, report);
    }
}
