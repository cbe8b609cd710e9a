package dev.lathe.cli;

import dev.lathe.supernet.text.TranslationData;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains the supernet. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Trains the supernet of an experiment, or goes on where a training in --out stopped.",
        footer = {
            "",
            "Examples:",
            "  lathe train --space vit-tiny --set training.steps=3000 --out results/vit",
            "  lathe train --space hat-mini --data multi30k:../shared/data/multi30k --out results/hat"
        })
final class TrainCommand extends StepCommand {
    @Option(
            names = "--resume",
            description = "Accepted for symmetry with lathe run: training always goes on where it stopped.")
    boolean resume;

    @Override
    boolean continues() {
        return true;
    }

    @Override
    boolean takesText() {
        return true;
    }

    @Override
    int work(Workbench w) throws IOException {
        TrainStep.run(w);
        if (w.content() instanceof TranslationData text) {
            System.out.println(TranslationStep.summary(w, text));
        }
        System.out.println("supernet: " + w.run().supernet());
        return 0;
    }
}
