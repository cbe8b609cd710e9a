package dev.lathe.cli;

import dev.lathe.base.AppendLog;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.cluster.SparkBatchEvaluator;
import dev.lathe.evolve.Evaluation;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.SubnetScore;
import dev.lathe.supernet.Supernet;
import dev.lathe.supernet.data.ImageDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Accuracies of subnets with inherited weights on the validation part, or on a sample of it, by canonical architecture. A score
 * stands in the run's accuracies.csv before it is returned, so no subnet is evaluated twice, by whichever step, across stops too.
 */
final class InheritedScores implements AutoCloseable {
    static final String HEADER = "architecture,top1,crossEntropy,images,standardError";

    /** Of a batch on a cluster: enough that no core waits long, few enough that little is lost when the driver dies. */
    private static final int SUBNETS_PER_CORE = 4;

    private final Workbench w;
    /** Null until it is needed, where it is this object's to load and to close. */
    private @Nullable Supernet supernet;

    private final boolean isOwn;
    private final ImageDataset images;
    private final AppendLog log;
    private final Map<Architecture, SubnetScore> known = new LinkedHashMap<>();

    private InheritedScores(Workbench w, @Nullable Supernet supernet, ImageDataset images, AppendLog log) {
        this.w = w;
        this.supernet = supernet;
        this.isOwn = supernet == null;
        this.images = images;
        this.log = log;
    }

    /** @throws InvalidInputException if the file is of other images, or damaged */
    static InheritedScores open(Workbench w, Supernet supernet) throws IOException {
        return opened(w, supernet);
    }

    /**
     * The same with the run's supernet, as the search uses it, which is loaded where a subnet has no score yet: a search that is
     * resumed does not need it.
     */
    static InheritedScores openLazily(Workbench w) throws IOException {
        return opened(w, null);
    }

    /**
     * What was evaluated so far, in the order of the file; nothing where there is no file.
     *
     * @throws InvalidInputException if the file is of other images, or damaged
     */
    static Map<Architecture, SubnetScore> read(Workbench w) throws IOException {
        if (!Files.exists(w.run().accuracies())) {
            return Map.of();
        }
        try (InheritedScores scores = opened(w, null)) {
            return new LinkedHashMap<>(scores.known);
        }
    }

    private static InheritedScores opened(Workbench w, @Nullable Supernet supernet) throws IOException {
        AppendLog log = AppendLog.open(w.run().accuracies(), HEADER);
        InheritedScores scores = new InheritedScores(w, supernet, images(w), log);
        try {
            int line = 1;
            for (String row : log.existing()) {
                line++;
                scores.parse(row, line);
            }
            return scores;
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
    }

    /** The validation part, or the stratified sample of it that the experiment asks for: the same for every subnet. */
    private static ImageDataset images(Workbench w) {
        ImageDataset validation = w.data().validation();
        Integer some = w.experiment().accuracyImages();
        return some == null
                ? validation
                : validation.sample(some, w.experiment().seed());
    }

    /** Whether scores are of the whole validation part. */
    boolean isWhole() {
        return images.size() == w.data().validation().size();
    }

    /** The subnet's score, evaluated if it is not known. */
    SubnetScore of(Architecture a) throws IOException {
        Architecture canonical = w.space().canonical(a);
        SubnetScore s = known.get(canonical);
        if (s == null) {
            s = loaded().evaluate(canonical, images);
            keep(canonical, s);
        }
        return s;
    }

    /**
     * Evaluates on a cluster those that are not known yet, to the same scores in the same order: a batch stands in the file before the next
     * one begins.
     */
    void evaluateOnSpark(List<Architecture> subnets, String master) throws IOException {
        List<Architecture> missing = subnets.stream()
                .map(w.space()::canonical)
                .filter(a -> !known.containsKey(a))
                .distinct()
                .toList();
        if (missing.isEmpty()) {
            return;
        }
        try (SparkBatchEvaluator spark = SearchStep.onSpark(w.execution(), master, loaded().bundle(images))) {
            int size = SUBNETS_PER_CORE * spark.parallelism();
            for (int from = 0; from < missing.size(); from += size) {
                int to = Math.min(missing.size(), from + size);
                for (Evaluation e : spark.evaluate(missing.subList(from, to))) {
                    keep(e.architecture(), new SubnetScore(e.value(0), e.value(1), images.size()));
                }
                w.progress().report("accuracies", to, missing.size(), "on " + master);
            }
        }
    }

    private Supernet loaded() throws IOException {
        Supernet loaded = supernet == null ? TrainStep.loadAsUsed(w) : supernet;
        supernet = loaded;
        return loaded;
    }

    private void keep(Architecture canonical, SubnetScore s) throws IOException {
        log.append(List.of(
                "%s,%s,%s,%d,%s".formatted(canonical, s.top1(), s.crossEntropy(), s.images(), s.standardError())));
        known.put(canonical, s);
    }

    private void parse(String row, int line) {
        String[] cells = row.split(",", -1);
        try {
            if (cells.length == 5) {
                Architecture a = Architecture.parse(cells[0]);
                w.space().check(a);
                SubnetScore s = new SubnetScore(
                        Double.parseDouble(cells[1]), Double.parseDouble(cells[2]), Integer.parseInt(cells[3]));
                boolean sound = s.top1() >= 0
                        && s.top1() <= 1
                        && Double.isFinite(s.crossEntropy())
                        && s.images() == images.size();
                if (sound && known.put(w.space().canonical(a), s) == null) {
                    return;
                }
            }
        } catch (IllegalArgumentException | InvalidInputException e) {
            // The message below covers it.
        }
        throw new InvalidInputException(
                "%s line %d is no accuracy of this space on %d images: '%s'; delete the file, it is made again"
                        .formatted(w.run().accuracies(), line, images.size(), Names.shown(row)));
    }

    @Override
    public void close() throws IOException {
        try (log) {
            if (isOwn && supernet != null) {
                supernet.close();
            }
        }
    }
}
