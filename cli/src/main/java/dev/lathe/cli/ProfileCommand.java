package dev.lathe.cli;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;

/** Measures random networks of a space on the device. */
@Command(
        name = "profile",
        mixinStandardHelpOptions = true,
        description = "Measures random networks of the space on the device and says what the budgets mean there.",
        footer = {"", "Example:", "  lathe profile --space mbconv-tiny --out results/mine"})
final class ProfileCommand extends StepCommand {
    @Override
    boolean continues() {
        return true;
    }

    @Override
    int work(Workbench w) throws IOException {
        ProfileStep.checkExactBudgets(w);
        System.out.println(Summary.of(profile(w)));
        System.out.println("measurements: " + w.run().measurements());
        return 0;
    }

    /** Measures, resolves the budgets, and keeps them in the manifest. */
    static ProfileStep.Budgets profile(Workbench w) throws IOException {
        ProfileStep.Budgets budgets = ProfileStep.resolve(w, ProfileStep.run(w));
        Map<String, Double> limits = new TreeMap<>();
        budgets.budgets().forEach(b -> limits.put(b.metric(), b.limit()));
        if (!w.run().manifest().budgets().equals(limits)) {
            w.run().update(w.run().manifest().withBudgets(limits));
        }
        return budgets;
    }
}
