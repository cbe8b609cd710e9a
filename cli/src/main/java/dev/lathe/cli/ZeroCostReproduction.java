package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.base.Seeds;
import dev.lathe.predict.RankMetrics;
import dev.lathe.space.Architecture;
import dev.lathe.space.nasbench.NasBench201Space;
import dev.lathe.space.nasbench.NasBench201Text;
import dev.lathe.supernet.ZeroCost;
import dev.lathe.supernet.ZeroCost.Proxy;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.ImageFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Zero-cost scores on NAS-Bench-201: against the accuracy after 200 epochs, and against the published scores. */
final class ZeroCostReproduction {
    private static final int CELLS = 500;
    private static final int BATCH = 64;
    private static final int SIDE = 32;
    /** A published score ranks as ours does, whose images and weights are others. */
    private static final double LEAST_AGREEMENT = 0.8;

    private static final Map<Proxy, String> COLUMNS = Map.of(
            Proxy.GRAD_NORM, "c10_grad_norm",
            Proxy.SNIP, "c10_snip",
            Proxy.SYNFLOW, "c10_synflow",
            Proxy.NASWOT, "c10_nwot",
            Proxy.JACOB_COV, "c10_jacov",
            Proxy.ZEN, "c10_zen");

    private ZeroCostReproduction() {}

    /** A cell with its accuracy, and the published scores. */
    private record Cell(Architecture architecture, double accuracy, Map<Proxy, Double> published) {}

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        Path data = o.data;
        if (data == null) {
            throw new InvalidInputException(
                    "zero-cost needs nasbench201/ and cifar10-jpeg/; give their folder, for example --data ../shared/data");
        }
        List<Cell> cells = cells(data.resolve("nasbench201"));
        DataSplit images = ImageFolder.load(data.resolve("cifar10-jpeg/test.zip"), ImageFolder.Options.defaults(1));
        float[] batch = images.normalization()
                .standardized(images.train(), 0, images.train().size());
        int length = images.train().imageLength();
        float[] some = new float[BATCH * length];
        int[] labels = new int[BATCH];
        RandomGenerator random = Seeds.generator(1, "zero-cost batch", 0);
        for (int i = 0; i < BATCH; i++) {
            int k = random.nextInt(images.train().size());
            System.arraycopy(batch, k * length, some, i * length, length);
            labels[i] = images.train().label(k);
        }
        NasBench201Space space = new NasBench201Space(NasBench201Space.CIFAR10);
        Proxy[] proxies = Proxy.values();
        double[][] ours = new double[proxies.length][CELLS];
        double[][] theirs = new double[proxies.length][CELLS];
        double[] accuracy = new double[CELLS];
        for (int i = 0; i < CELLS; i++) {
            Cell c = cells.get(i);
            accuracy[i] = c.accuracy();
            for (Map.Entry<Proxy, Double> s :
                    ZeroCost.scores(space, c.architecture(), some, labels, 1).entrySet()) {
                // A score without a finite value ranks last.
                double v = s.getValue();
                int p = s.getKey().ordinal();
                ours[p][i] = Double.isFinite(v) ? v : -Double.MAX_VALUE;
                theirs[p][i] = c.published().getOrDefault(s.getKey(), Double.NaN);
            }
            o.execution.progress().report("zero-cost", i + 1, CELLS, "");
        }
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        for (Proxy proxy : proxies) {
            int p = proxy.ordinal();
            double agreement = RankMetrics.spearman(ours[p], theirs[p]);
            rows.add(new ReproduceCommand.Row(
                    "%s, %d random cells, Kendall's tau with accuracy; Spearman with the published score"
                            .formatted(proxy.name().toLowerCase(Locale.ROOT).replace('_', ' '), CELLS),
                    "tau %.3f".formatted(RankMetrics.kendallTauB(theirs[p], accuracy)),
                    "tau %.3f, Spearman %.3f".formatted(RankMetrics.kendallTauB(ours[p], accuracy), agreement),
                    "Spearman at least " + LEAST_AGREEMENT,
                    agreement >= LEAST_AGREEMENT));
        }
        return rows;
    }

    /** Random cells for which scores were published: those that use all their operations. */
    private static List<Cell> cells(Path folder) throws IOException {
        List<String[]> accuracies = table(folder.resolve("nasbench201_accuracy.csv"));
        List<String[]> scores = table(folder.resolve("nasbench201_zerocost.csv"));
        List<String> scoreColumns = List.of(scores.get(0));
        int arch = List.of(accuracies.get(0)).indexOf("arch");
        int accuracy = List.of(accuracies.get(0)).indexOf("c10_test_200");
        if (arch < 0
                || accuracy < 0
                || !scoreColumns.containsAll(COLUMNS.values())
                || scores.size() != accuracies.size()) {
            throw new InvalidInputException(
                    "the tables in %s are not those of NAS-Bench-201 as their README describes them".formatted(folder));
        }
        RandomGenerator random = Seeds.generator(1, "zero-cost cells", 0);
        Set<Integer> drawn = new HashSet<>();
        List<Cell> cells = new ArrayList<>();
        while (cells.size() < CELLS && drawn.size() < scores.size() - 1) {
            int row = 1 + random.nextInt(scores.size() - 1);
            if (!drawn.add(row)) {
                continue;
            }
            String[] s = scores.get(row);
            String[] a = accuracies.get(row);
            Map<Proxy, Double> published = new EnumMap<>(Proxy.class);
            try {
                for (Map.Entry<Proxy, String> c : COLUMNS.entrySet()) {
                    String text = s[scoreColumns.indexOf(c.getValue())];
                    if (!text.isEmpty()) {
                        published.put(c.getKey(), Double.parseDouble(text));
                    }
                }
                if (published.size() == COLUMNS.size()) {
                    cells.add(new Cell(NasBench201Text.parse(a[arch]), Double.parseDouble(a[accuracy]), published));
                }
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw new InvalidInputException(
                        "row %d of the tables in %s is damaged: '%s'"
                                .formatted(row, folder, Names.shown(String.join(",", s))),
                        e);
            }
        }
        return cells;
    }

    private static List<String[]> table(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException("no file %s; give the folder of the data sets by --data".formatted(file));
        }
        List<String[]> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            rows.add(line.split(",", -1));
        }
        if (rows.isEmpty()) {
            throw new InvalidInputException("%s is empty".formatted(file));
        }
        return rows;
    }
}
