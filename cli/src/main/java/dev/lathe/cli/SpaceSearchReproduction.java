package dev.lathe.cli;

import dev.lathe.evolve.SpaceAgeing;
import dev.lathe.space.mcuformer.SpaceEvolution;
import dev.lathe.space.mcuformer.SpaceEvolution.Scored;
import dev.lathe.space.mcuformer.SpaceEvolution.Slope;
import dev.lathe.space.mcuformer.SpaceEvolution.Step;
import dev.lathe.space.mcuformer.SpaceEvolution.Supernet;
import dev.lathe.space.spaceevo.Hyperspace;
import dev.lathe.space.spaceevo.QualityScore;
import dev.lathe.space.spaceevo.SpaceGenome;
import dev.lathe.space.spaceevo.StageTables;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Searches for search spaces: SpaceEvo's with its published tables, and the steps of MCUFormer's. */
final class SpaceSearchReproduction {
    private static final int EVALUATIONS = 5000;
    private static final int FINALISTS = 20;
    private static final int FRESH_SEEDS = 6;
    private static final double MOST_SECONDS = 10;

    private SpaceSearchReproduction() {}

    /** A published search: its limit, the blocks it finds, the score that the best space reaches with fresh samples. */
    private record Search(Hyperspace hyperspace, double limitMs, String blocks, double published, double bar) {}

    /** A published score of one limit, the mean over seeds. */
    private record Reference(String space, double limitMs, double score) {}

    static List<ReproduceCommand.Row> spaceEvo(ReproduceCommand o) {
        Path data = PublishedFigures.data(o);
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        StageTables vnni = StageTables.read(data, Hyperspace.ONNXW);
        references(
                vnni,
                List.of(
                        new Reference("onnxw-151122-023231", 10, .378),
                        new Reference("onnxw-151122-023231", 15, .425),
                        new Reference("onnxw-000000-000000", 15, .289),
                        new Reference("onnxw-111111-133333", 15, .352),
                        new Reference("onnxw-333333-000000", 10, .311)),
                rows);
        search(o, vnni, new Search(Hyperspace.ONNXW, 15, "121122", .4291, .428), rows);
        StageTables pixel = StageTables.read(data, Hyperspace.MOBILEW);
        references(
                pixel,
                List.of(
                        new Reference("mobilew-112220-154410", 15, .377),
                        new Reference("mobilew-112220-154410", 20, .399),
                        new Reference("mobilew-122222-155400", 20, .400),
                        new Reference("mobilew-332160-134200", 10, .348)),
                rows);
        search(o, pixel, new Search(Hyperspace.MOBILEW, 25, "122222", .4155, .414), rows);
        return rows;
    }

    private static void references(StageTables tables, List<Reference> all, List<ReproduceCommand.Row> rows) {
        for (Reference r : all) {
            double ours = fresh(tables, r.limitMs, SpaceGenome.parse(r.space));
            rows.add(new ReproduceCommand.Row(
                    "%s, score at %.0f ms, mean of %d seeds".formatted(r.space, r.limitMs, FRESH_SEEDS),
                    number(r.score),
                    number(ours),
                    "within .003",
                    Math.abs(ours - r.score) <= 0.003));
        }
    }

    private static double fresh(StageTables tables, double limitMs, SpaceGenome space) {
        double sum = 0;
        for (int s = 0; s < FRESH_SEEDS; s++) {
            sum += new QualityScore(tables, List.of(limitMs), 1000 + s).of(space);
        }
        return sum / FRESH_SEEDS;
    }

    private static void search(ReproduceCommand o, StageTables tables, Search search, List<ReproduceCommand.Row> rows) {
        long start = processorTime();
        QualityScore score = new QualityScore(tables, List.of(search.limitMs), 1);
        List<SpaceAgeing.Scored> found =
                SpaceAgeing.search(search.hyperspace, score::of, EVALUATIONS, 1, o.execution.progress());
        double seconds = (processorTime() - start) / 1e9;
        SpaceAgeing.Scored best = found.subList(0, FINALISTS).stream()
                .map(s -> new SpaceAgeing.Scored(s.space(), fresh(tables, search.limitMs, s.space())))
                .max(Comparator.comparingDouble(SpaceAgeing.Scored::score))
                .orElseThrow();
        String blocks = best.space().toText().split("-", -1)[1];
        String what = "%s, limit %.0f ms: ".formatted(search.hyperspace.id(), search.limitMs);
        rows.add(new ReproduceCommand.Row(
                what + "blocks of the best space",
                search.blocks,
                best.space().toText(),
                search.blocks,
                blocks.equals(search.blocks)));
        rows.add(new ReproduceCommand.Row(
                what + "its score with fresh samples",
                number(search.published),
                number(best.score()),
                "at least " + number(search.bar),
                best.score() >= search.bar));
        rows.add(new ReproduceCommand.Row(
                what + "%,d spaces of 100,000 networks each, one core".formatted(EVALUATIONS),
                "44 s",
                String.format(Locale.ROOT, "%.1f s of processor time", seconds),
                "at most 10 s",
                seconds <= MOST_SECONDS));
    }

    /** Of this thread, which does all of the work: what else the machine does is not counted. */
    private static long processorTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static String number(double v) {
        return String.format(Locale.ROOT, "%.4f", v);
    }

    /** The two public versions of MCUFormer's step from supernet to supernet. */
    static List<ReproduceCommand.Row> mcuFormer(ReproduceCommand o) {
        List<Scored> released = List.of(
                scored(0.9, 16, 0.66298, 0.384),
                scored(0.6, 16, 0.606, 0.666),
                scored(0.65, 28, 0.45119, 1),
                scored(0.95, 28, 0.5752, 1),
                scored(0.85, 20, 0.612, 1));
        List<Scored> corrected = List.of(
                scored(0.4, 16, .461, .66),
                scored(0.7, 16, .624, .30),
                scored(0.8, 16, .651, .32),
                scored(0.4, 24, .404, 1),
                scored(0.5, 24, .456, 1));
        List<ReproduceCommand.Row> rows = new ArrayList<>();
        slope(
                "released rule, slopes of error",
                released,
                s -> 100 - 100 * s.accuracy(),
                -29.673257403,
                1.127054100,
                rows);
        slope("released rule, slopes of violation", released, s -> 1 - s.legality(), 0.226833713, -0.036880979, rows);
        step("released rule, step", SpaceEvolution.releasedStep(released), new Step(-0.10, -4), rows);
        slope("corrected rule, slopes of accuracy", corrected, Scored::accuracy, 0.492363636, -0.0073, rows);
        slope("corrected rule, slopes of violation", corrected, s -> 1 - s.legality(), 0.88, -0.0515, rows);
        step("corrected rule, step", SpaceEvolution.step(corrected), new Step(0.05, -4), rows);
        return rows;
    }

    private static Scored scored(double ratio, int patch, double accuracy, double legality) {
        return new Scored(new Supernet(ratio, patch), accuracy, legality);
    }

    private static void slope(
            String what,
            List<Scored> points,
            ToDoubleFunction<Scored> score,
            double ratio,
            double patch,
            List<ReproduceCommand.Row> rows) {
        Slope ours = SpaceEvolution.slope(points, score);
        rows.add(new ReproduceCommand.Row(
                what,
                String.format(Locale.ROOT, "%.9f, %.9f", ratio, patch),
                String.format(Locale.ROOT, "%.9f, %.9f", ours.ratio(), ours.patch()),
                "equal in 9 decimals",
                Math.abs(ours.ratio() - ratio) < 6e-10 && Math.abs(ours.patch() - patch) < 6e-10));
    }

    private static void step(String what, Step ours, Step theirs, List<ReproduceCommand.Row> rows) {
        rows.add(new ReproduceCommand.Row(
                what,
                String.format(Locale.ROOT, "%.2f, %d", theirs.ratio(), theirs.patch()),
                String.format(Locale.ROOT, "%.2f, %d", ours.ratio(), ours.patch()),
                "equal",
                Math.abs(ours.ratio() - theirs.ratio()) < 1e-9 && ours.patch() == theirs.patch()));
    }
}
