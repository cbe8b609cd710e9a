package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.predict.train.PredictorKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures random networks of a space on the device. */
@Command(
        name = "profile",
        mixinStandardHelpOptions = true,
        description =
                "Measures random networks of the space on the device and says what the budgets mean there; with --samples, adapts a predictor of the device from a few measurements and a pool of known devices.",
        footer = {
            "",
            "Examples:",
            "  lathe profile --space mbconv-tiny --out results/mine",
            "  lathe profile --device raspberry-pi --space mbconv-tiny --samples 10",
            "  lathe profile --per-operator --space mbconv-tiny --set profile.networks=20",
            "  lathe profile --memory --space mbconv-tiny --budget memory='1 MiB'"
        })
final class ProfileCommand extends StepCommand {
    @Option(
            names = "--samples",
            paramLabel = "N",
            description =
                    "Measure only N networks, chosen for what they tell, and predict all others from them and from the devices that lathe pool lists.")
    @Nullable
    Integer samples;

    @Option(
            names = "--per-operator",
            description =
                    "Measure each different operator of the space's networks alone, too, and predict latency by that table, calibrated by the networks measured whole; sets profile.predictor=lut.")
    boolean perOperator;

    @Option(
            names = "--operators",
            paramLabel = "FILE",
            description =
                    "With --per-operator: take over the rows of another run's operators.csv of the same device first.")
    @Nullable
    Path operators;

    @Option(
            names = "--memory",
            description =
                    "Measure, too, what memory networks take while they run, each in a process of its own, and correct the planner's peak by it; sets profile.memory=20.")
    boolean memory;

    @Option(names = "--pool", paramLabel = "DIR", description = PoolCommand.FOLDER_HELP)
    Path pool = Path.of(PoolCommand.FOLDER);

    @Option(names = "--json", description = "Print one JSON object; with --samples.")
    boolean json;

    @Override
    public Integer call() throws IOException {
        // A setting of the experiment like the others, so that later steps know where latencies come from.
        if (samples != null) {
            asked.settings.add("profile.samples=" + samples);
        }
        if (memory) {
            asked.settings.add("profile.memory=" + MemoryStep.NETWORKS);
        }
        if (perOperator) {
            asked.settings.add("profile.predictor=" + PredictorKind.LOOKUP.text());
        } else if (operators != null) {
            throw new InvalidInputException("--operators is for --per-operator; give both or neither");
        }
        return super.call();
    }

    @Override
    boolean continues() {
        return true;
    }

    @Override
    int work(Workbench w) throws IOException {
        ProfileStep.checkExactBudgets(w);
        Integer n = w.experiment().samples();
        if (n != null) {
            System.out.print(FewShotStep.run(w, n, pool, json));
        }
        if (operators != null) {
            w.say("%d operators taken from %s".formatted(OperatorStep.merge(w, operators), operators));
        }
        ProfileStep.Budgets budgets = profile(w);
        if (n == null || !json) {
            System.out.println(Summary.of(budgets));
        }
        if (n == null) {
            System.out.println("measurements: " + w.run().measurements());
        }
        if (OperatorStep.isWanted(w)) {
            System.out.print(OperatorStep.summary(w));
        }
        if (MemoryStep.isWanted(w.experiment()) && (n == null || !json)) {
            System.out.print(MemoryStep.summary(w));
        }
        return 0;
    }

    /** Measures, resolves the budgets, and keeps them in the manifest. */
    static ProfileStep.Budgets profile(Workbench w) throws IOException {
        if (OperatorStep.isWanted(w)) {
            OperatorStep.measure(w);
        }
        if (MemoryStep.isWanted(w.experiment())) {
            MemoryStep.measure(w);
        }
        Integer n = w.experiment().samples();
        Latencies known = n == null
                ? Latencies.measured(w, ProfileStep.run(w))
                : Latencies.predicted(w, FewShotStep.readOrAdapt(w, n));
        ProfileStep.Budgets budgets = ProfileStep.resolve(w, known);
        Map<String, Double> limits = new TreeMap<>();
        budgets.budgets().forEach(b -> limits.put(b.metric(), b.limit()));
        if (!w.run().manifest().budgets().equals(limits)) {
            w.run().update(w.run().manifest().withBudgets(limits));
        }
        return budgets;
    }
}
