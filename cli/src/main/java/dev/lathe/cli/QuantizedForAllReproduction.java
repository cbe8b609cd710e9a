package dev.lathe.cli;

import dev.lathe.base.Folders;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.ProgressListener;
import dev.lathe.space.Architecture;
import dev.lathe.space.MbConvTinySpace;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.supernet.BitWidth;
import dev.lathe.supernet.QuantizedSupernet;
import dev.lathe.supernet.QuantizedTrainer;
import dev.lathe.supernet.Supernet;
import dev.lathe.supernet.SupernetTrainer;
import dev.lathe.supernet.TrainingConfig;
import dev.lathe.supernet.data.DataFiles;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.ImageDataset;
import dev.lathe.supernet.data.ImageFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Quantized-for-all on Fashion-MNIST: a float32 supernet, fine-tuned with rounding; then subnets in 8-bit integers with inherited weights and
 * learnt ranges, beside the same subnets in float32 and quantized after training.
 */
final class QuantizedForAllReproduction {
    private static final String DATA = "fashion-mnist";
    private static final int STEPS = 1500;
    private static final int NETWORKS = 20;
    private static final long SEED = 1;
    /** Of the 10,000 test images, the first; each network is run on them in plain Java integers. */
    private static final int IMAGES = 2000;

    private static final double MOST_LOSS = 0.015;

    private QuantizedForAllReproduction() {}

    /** Top-1 of the same networks in one form. */
    private record Scores(List<Double> top1) {
        Scores() {
            this(new ArrayList<>());
        }

        double mean() {
            return top1.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        }

        /** Largest loss of any network against another form of it. */
        double worstLoss(Scores from) {
            return IntStream.range(0, top1.size())
                    .mapToDouble(i -> from.top1.get(i) - top1.get(i))
                    .max()
                    .orElseThrow();
        }

        String against(Scores from) {
            return String.format(
                    Locale.ROOT,
                    "mean %s, loss %.2f points in the mean, %.2f in the worst",
                    Quantities.show("top1", mean()),
                    100 * (from.mean() - mean()),
                    100 * worstLoss(from));
        }
    }

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        Path data = o.data;
        if (data == null) {
            throw new InvalidInputException(
                    "quantized-for-all needs %s/; give its folder, for example --data ../shared/data".formatted(DATA));
        }
        DataSplit images =
                DataFiles.load(data.resolve(DATA), new ImageFolder.Options(0, ImageFolder.Channels.AUTO, SEED));
        Path kept = o.run;
        Path folder = kept != null ? kept : Files.createTempDirectory("lathe-quantized-for-all");
        try {
            return measured(images, folder, o.execution.progress());
        } finally {
            if (kept == null) {
                Folders.delete(folder);
            }
        }
    }

    private static List<ReproduceCommand.Row> measured(DataSplit data, Path folder, ProgressListener progress)
            throws IOException {
        SearchSpace space = SearchSpaces.create(MbConvTinySpace.NAME, data.shape());
        TrainingConfig config = TrainingConfig.defaults(space, data.train()).withSteps(STEPS);
        Path floats = folder.resolve("float32");
        try (SupernetTrainer t = SupernetTrainer.startOrResume(space, data, config, floats)) {
            t.run(progress);
        }
        Path checkpoint = floats.resolve(SupernetTrainer.CHECKPOINT);
        for (BitWidth width : BitWidth.values()) {
            try (QuantizedTrainer t = QuantizedTrainer.startOrResume(
                    space, data, QuantizedTrainer.fineTuning(config), width, checkpoint, tuned(folder, width))) {
                t.run(progress);
            }
        }
        int[] first = IntStream.range(0, Math.min(IMAGES, data.test().size())).toArray();
        ImageDataset test = data.test().subset(first);
        List<Architecture> networks =
                RandomNetworks.withExtremes(space, RandomNetworks.draw(space, NETWORKS, SEED, "quantized-for-all"));
        try (Supernet before = Supernet.load(checkpoint, space, data);
                QuantizedSupernet eight = load(folder, space, data, BitWidth.INT8);
                QuantizedSupernet four = load(folder, space, data, BitWidth.INT4)) {
            return rows(before, eight, four, networks, test, data, progress);
        }
    }

    private static Path tuned(Path folder, BitWidth width) {
        return folder.resolve(width.text());
    }

    private static QuantizedSupernet load(Path folder, SearchSpace space, DataSplit data, BitWidth width)
            throws IOException {
        return QuantizedSupernet.load(tuned(folder, width).resolve(SupernetTrainer.CHECKPOINT), space, data, width);
    }

    private static List<ReproduceCommand.Row> rows(
            Supernet before,
            QuantizedSupernet eight,
            QuantizedSupernet four,
            List<Architecture> networks,
            ImageDataset test,
            DataSplit data,
            ProgressListener progress) {
        Scores float32 = new Scores();
        Scores tunedFloat32 = new Scores();
        Scores integers = new Scores();
        Scores imitated = new Scores();
        Scores reestimated = new Scores();
        Scores afterTraining = new Scores();
        Scores fourBits = new Scores();
        Scores fourBitsAfterTraining = new Scores();
        for (Architecture a : networks) {
            float32.top1.add(before.evaluate(a, test).top1());
            tunedFloat32.top1.add(eight.float32().evaluate(a, test).top1());
            integers.top1.add(
                    CExportStep.integerScore(eight.integers(a), test, data).top1());
            imitated.top1.add(eight.fakeQuantized().evaluate(a, test).top1());
            try (QuantizedSupernet anew = eight.reestimated(a)) {
                reestimated.top1.add(anew.fakeQuantized().evaluate(a, test).top1());
            }
            afterTraining.top1.add(CExportStep.integerScore(
                            CExportStep.quantized(before.space().lower(a), before.extract(a), data, CExportStep.ALL),
                            test,
                            data)
                    .top1());
            fourBits.top1.add(four.fakeQuantized().evaluate(a, test).top1());
            try (QuantizedSupernet plain = QuantizedSupernet.afterTraining(before, BitWidth.INT4, a)) {
                fourBitsAfterTraining.top1.add(
                        plain.fakeQuantized().evaluate(a, test).top1());
            }
            progress.report("networks in integers", float32.top1.size(), networks.size(), "");
        }
        String what = "%d networks of %s (largest, smallest, random), %,d test images: "
                .formatted(networks.size(), before.space().name(), test.size());
        String bar = "at most %.1f points for each".formatted(100 * MOST_LOSS);
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        rows.add(new ReproduceCommand.Row(
                what + "int8 in integer arithmetic, inherited weights, learnt ranges, against the float32 supernet",
                "mean %s float32".formatted(Quantities.show("top1", float32.mean())),
                integers.against(float32),
                bar,
                integers.worstLoss(float32) <= MOST_LOSS));
        rows.add(new ReproduceCommand.Row(
                "the same against the fine-tuned weights in float32",
                "mean %s float32".formatted(Quantities.show("top1", tunedFloat32.mean())),
                integers.against(tunedFloat32),
                bar,
                integers.worstLoss(tunedFloat32) <= MOST_LOSS));
        rows.add(context(
                "largest network, float32 and int8",
                pair(float32, integers, networks, before.space().largest())));
        rows.add(context(
                "smallest network, float32 and int8",
                pair(float32, integers, networks, before.space().smallest())));
        rows.add(context("int8 by imitated rounding", imitated.against(float32)));
        rows.add(context("int8 by imitated rounding, ranges re-estimated", reestimated.against(float32)));
        rows.add(context("int8 after training, in integer arithmetic", afterTraining.against(float32)));
        rows.add(context("4 bits after training, imitated", fourBitsAfterTraining.against(float32)));
        rows.add(new ReproduceCommand.Row(
                "4 bits, fine-tuned, imitated",
                "mean %s after training".formatted(Quantities.show("top1", fourBitsAfterTraining.mean())),
                fourBits.against(float32),
                "mean above that after training",
                fourBits.mean() > fourBitsAfterTraining.mean()));
        return rows;
    }

    private static String pair(Scores float32, Scores integers, List<Architecture> networks, Architecture a) {
        int i = networks.indexOf(a);
        return "%s, %s"
                .formatted(Quantities.show("top1", float32.top1.get(i)), Quantities.show("top1", integers.top1.get(i)));
    }

    private static ReproduceCommand.Row context(String what, String ours) {
        return new ReproduceCommand.Row(what, "", ours, "", true);
    }
}
