package dev.lathe.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains the supernet. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Trains the supernet of an experiment, or goes on where a training in --out stopped.",
        footer = {"", "Example:", "  lathe train --space vit-tiny --set training.steps=3000 --out results/vit"})
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
    int work(Workbench w) throws IOException {
        TrainStep.run(w);
        System.out.println("supernet: " + w.run().supernet());
        return 0;
    }
}
