package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.CostModel;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.SubnetScore;
import dev.lathe.supernet.Supernet;
import dev.lathe.supernet.SupernetTrainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Trains a supernet on real data and reads, with inherited weights, the top-1 on the test part of its largest network and of the
 * best network of at most about 100,000 parameters, which is chosen on the validation part.
 */
enum SupernetReproduction implements ReproduceCommand.Reproduction {
    CIFAR10(
            "conv-small",
            "cifar10-jpeg",
            "",
            List.of("training={steps: 11000, batchSize: 64, flip: true}"),
            0.70,
            30,
            "64.4 % (45k-parameter conv net, a fifth of the data)"),
    FASHION_MNIST(
            "conv-small",
            "fashion-mnist",
            "",
            List.of("training={steps: 16000, batchSize: 64, flip: true}"),
            0.90,
            30,
            ""),
    UCI_HAR(
            "micronas",
            "uci-har",
            "uci-har:",
            List.of("training={steps: 17000, jitter: 0.05, scaling: 0.1, shift: 0.1}"),
            0.94,
            30,
            ""),
    DIGITS_CONV("mbconv-tiny", "digits", "uci-digits:", List.of(), 0.985, 30, "98.6 % (45k-parameter conv net)"),
    DIGITS_TRANSFORMER(
            "vit-tiny",
            "digits",
            "uci-digits:",
            List.of("training={steps: 27000, mixup: 0.2}"),
            0.965,
            30,
            "96.0 % (103k-parameter transformer)");

    /** What is called the class of 100,000 parameters. */
    private static final long MOST_PARAMETERS = 110_000;

    private static final int CANDIDATES = 60;
    private static final int DRAWN = 1000;

    private final String space;
    private final String folder;
    private final String prefix;
    private final List<String> settings;
    private final double bar;
    private final double mostMinutes;
    private final String theirs;

    SupernetReproduction(
            String space,
            String folder,
            String prefix,
            List<String> settings,
            double bar,
            double mostMinutes,
            String theirs) {
        this.space = space;
        this.folder = folder;
        this.prefix = prefix;
        this.settings = settings;
        this.bar = bar;
        this.mostMinutes = mostMinutes;
        this.theirs = theirs;
    }

    /** What the command line calls it, for example {@code supernet-cifar10}. */
    String text() {
        return "supernet-" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The experiment, which {@code lathe rank --out} and the other steps can go on with where the run is kept. */
    Experiment experiment(Path data) {
        List<String> all =
                new ArrayList<>(List.of("space=" + space, "data='%s%s'".formatted(prefix, data.resolve(folder))));
        all.addAll(settings);
        return Experiment.read(null, all);
    }

    @Override
    public List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        Path data = o.data;
        if (data == null) {
            throw new InvalidInputException("%s needs %s/; give the folder above it, for example --data ../shared/data"
                    .formatted(text(), folder));
        }
        return Reproductions.inRun(o, o.run, experiment(data), this::rows);
    }

    private List<ReproduceCommand.Row> rows(Workbench w) throws IOException {
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        try (SupernetTrainer trainer = SupernetTrainer.startOrResume(
                w.space(), w.data(), w.trainingConfig(), w.run().supernet())) {
            int from = trainer.step();
            long start = System.nanoTime();
            trainer.run(w.progress());
            double minutes = (System.nanoTime() - start) / 60e9;
            Supernet supernet = trainer.supernet();
            rows.add(row(w, supernet, "largest network", w.space().largest()));
            rows.add(row(w, supernet, "best network of its class", best(w, supernet)));
            rows.add(new ReproduceCommand.Row(
                    "training time, steps %,d to %,d of batch %d, %s"
                            .formatted(
                                    from,
                                    trainer.config().steps(),
                                    trainer.config().batchSize(),
                                    trainer.config().strategy().text()),
                    "",
                    String.format(Locale.ROOT, "%.1f minutes", minutes),
                    "at most %.0f minutes".formatted(mostMinutes),
                    minutes <= mostMinutes));
        }
        return rows;
    }

    /** The best on the validation part of the larger random networks of the class, and the largest network if it is in it. */
    private static Architecture best(Workbench w, Supernet supernet) {
        List<Architecture> drawn = new ArrayList<>(
                RandomNetworks.draw(w.space(), DRAWN, w.experiment().seed(), "class of 100k"));
        drawn.add(w.space().largest());
        Map<Architecture, Long> sizes = new HashMap<>();
        drawn.forEach(a -> sizes.put(a, parameters(w, a)));
        List<Architecture> candidates = sizes.entrySet().stream()
                .filter(e -> e.getValue() <= MOST_PARAMETERS)
                .sorted(Map.Entry.<Architecture, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .toList();
        Architecture best = w.space().smallest();
        SubnetScore most = supernet.evaluate(best, w.data().validation());
        int count = Math.min(CANDIDATES, candidates.size());
        for (int i = 0; i < count; i++) {
            SubnetScore s = supernet.evaluate(candidates.get(i), w.data().validation());
            if (s.top1() > most.top1() || (s.top1() == most.top1() && s.crossEntropy() < most.crossEntropy())) {
                best = candidates.get(i);
                most = s;
            }
            w.progress().report("choosing", i + 1, count, "");
        }
        return best;
    }

    private static long parameters(Workbench w, Architecture a) {
        return CostModel.of(w.space().lower(a)).parameters();
    }

    private ReproduceCommand.Row row(Workbench w, Supernet supernet, String which, Architecture a) {
        SubnetScore s = supernet.evaluate(a, w.data().test());
        return new ReproduceCommand.Row(
                "%s on %s, %s (%,d parameters), inherited top-1 on the %,d test samples"
                        .formatted(space, folder, which, parameters(w, a), s.images()),
                theirs,
                String.format(Locale.ROOT, "%.2f %% (standard error %.2f)", 100 * s.top1(), 100 * s.standardError()),
                String.format(Locale.ROOT, "at least %.1f %%", 100 * bar),
                s.top1() >= bar);
    }
}
