package dev.lathe.cli;

import dev.lathe.base.Folders;
import dev.lathe.device.mcu.Firmware;
import dev.lathe.results.FirmwareCard;
import dev.lathe.results.FrontFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A search for a microcontroller from nothing to linked firmware, under three budgets of RAM: the device's own, 64 KiB, and what the
 * smallest tenth of random networks needs, which excludes most of the space. Training is short: memory and instructions are what is
 * shown here, and they do not depend on it.
 */
final class McuSearchReproduction {
    private static final String DEVICE = "stm32f746";
    private static final List<String> BUDGETS = List.of("", "64 KiB", "p10");
    /** With data, images are larger, and steps dearer. */
    private static final String FASHION = "fashion-mnist";

    private static final int DIGITS_STEPS = 150;
    private static final int FASHION_STEPS = 30;
    private static final List<String> QUICK = List.of(
            "device=" + DEVICE,
            "profile.networks=28",
            "profile.accuracies=40",
            "search.evaluations=1500",
            "search.population=50",
            "front.size=5");

    private McuSearchReproduction() {}

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        Path data = o.data;
        List<String> settings = new ArrayList<>(QUICK);
        if (data == null) {
            settings.add("training.steps=" + DIGITS_STEPS);
        } else {
            settings.add("data='%s'".formatted(data.resolve(FASHION).toString().replace("'", "''")));
            settings.addAll(List.of("training.steps=" + FASHION_STEPS, "profile.accuracyImages=256"));
        }
        Path folder = Files.createTempDirectory("lathe-mcu-search");
        try {
            List<ReproduceCommand.Row> rows = new ArrayList<>();
            Path first = folder.resolve("0");
            for (int i = 0; i < BUDGETS.size(); i++) {
                List<String> own = new ArrayList<>(settings);
                if (i > 0) {
                    own.add("budget.peakSram=" + BUDGETS.get(i));
                }
                boolean inherits = i > 0;
                Experiment e = Experiment.read(null, own);
                rows.addAll(Reproductions.inRun(o, folder.resolve(Integer.toString(i)), e, w -> {
                    if (inherits) {
                        StepCommand.inherit(first, w.run(), e);
                    }
                    return searched(w);
                }));
            }
            return rows;
        } finally {
            Folders.delete(folder);
        }
    }

    private static List<ReproduceCommand.Row> searched(Workbench w) throws IOException {
        ProfileStep.checkExactBudgets(w);
        ProfileStep.Budgets budgets = ProfileCommand.profile(w);
        TrainStep.run(w);
        SearchSummary search = SearchStep.run(w);
        int front = FrontFile.read(w.run().front()).members().size();
        List<FirmwareCard> cards = new ArrayList<>();
        List<String> refusals = new ArrayList<>();
        for (CExportStep.Member m : CExportStep.members(w)) {
            FirmwareCard card = m.card();
            String refusal = m.refusal();
            if (card != null) {
                cards.add(card);
            } else if (refusal != null) {
                refusals.add(refusal);
            }
        }
        double ram = budgets.limit("peakSramBytes");
        double flash = budgets.limit("flashBytes");
        long linked = cards.stream().filter(c -> c.memory().ramBytes() != null).count();
        long ran = cards.stream().filter(c -> c.instructions() != null).count();
        long within = cards.stream().filter(c -> fits(c, ram, flash)).count();
        String what = "%s, %s of RAM, %s of flash"
                .formatted(DEVICE, Quantities.show("peakSramBytes", ram), Quantities.show("flashBytes", flash));
        String all = "%d of %d".formatted(front, front);
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        rows.add(new ReproduceCommand.Row(
                what + ": members of the front",
                "",
                "%d, of %,d networks scored; %.0f %% of random networks meet the budget"
                        .formatted(front, search.evaluations(), 100 * budgets.share()),
                "at least 1",
                front > 0));
        rows.add(row(what + ": linked", linked, front, all, refusals));
        rows.add(row(what + ": ran on the emulated core, every bit the reference's", ran, front, all, refusals));
        rows.add(row(what + ": in budget as linked", within, front, all, List.of(most(cards))));
        return rows;
    }

    private static boolean fits(FirmwareCard c, double ram, double flash) {
        Long r = c.memory().ramBytes();
        Long f = c.memory().flashBytes();
        return r != null && f != null && r <= ram && f <= flash;
    }

    /** The largest, the slowest and the fastest network. */
    private static String most(List<FirmwareCard> cards) {
        return String.format(
                Locale.ROOT,
                "%.1f to %.1f KiB of RAM, %.2f to %.2f M instructions",
                cards.stream().mapToDouble(c -> ram(c)).min().orElse(0) / 1024,
                cards.stream().mapToDouble(c -> ram(c)).max().orElse(0) / 1024,
                cards.stream().mapToDouble(c -> instructions(c)).min().orElse(0) / 1e6,
                cards.stream().mapToDouble(c -> instructions(c)).max().orElse(0) / 1e6);
    }

    private static long ram(FirmwareCard c) {
        Long bytes = c.memory().ramBytes();
        return bytes == null ? 0 : bytes;
    }

    private static long instructions(FirmwareCard c) {
        Long count = c.instructions();
        return count == null ? 0 : count;
    }

    private static ReproduceCommand.Row row(String what, long ours, int front, String bar, List<String> notes) {
        String text = Firmware.missing().map(m -> "; " + m).orElse("") + (notes.isEmpty() ? "" : "; " + notes.get(0));
        return new ReproduceCommand.Row(what, "", ours + " of " + front + text, bar, front > 0 && ours == front);
    }
}
