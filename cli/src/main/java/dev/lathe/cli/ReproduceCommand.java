package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.space.fbnetv3.FbnetV3Costs;
import dev.lathe.space.hat.HatCosts;
import dev.lathe.space.mcuformer.McuFormerMemory;
import dev.lathe.space.micronas.MicroNasFigures;
import dev.lathe.space.mobilenetv4.MobileNetV4Costs;
import dev.lathe.space.nasbench.NasBench201Costs;
import dev.lathe.space.ofa.OfaCosts;
import dev.lathe.space.spaceevo.SpaceEvoTables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The home of every table and figure that Lathe re-computes. */
@Command(
        name = "reproduce",
        mixinStandardHelpOptions = true,
        description =
                "Re-computes a published table or a claim of the README: ours beside theirs; exit code 1 where a row falls short of its bar.",
        footer = {
            "",
            "Names:",
            "  digits              top-1 of the best network within budget, both spaces, embedded digits and (with --data) the full UCI split",
            "  agreement           the executor against ONNX Runtime on 200 random subnets of each small space, and on translators token by token",
            "  step-cost           a supernet training step against the dense steps it consists of; with --data of translators, too; with --python beside PyTorch there",
            "  search-seeds        NSGA-II against random search for five seeds, on the predictors of a finished run (--run)",
            "  runnable            100 random networks of every space, written as ONNX and run by ONNX Runtime at reduced input sizes",
            "  hat-costs           parameters and FLOPs of HAT's 44 published translators (--data)",
            "  spaceevo-tables     MACs and latencies of both look-up tables, 342,000 rows, and the released networks (--data)",
            "  mcuformer-memory    MCUFormer's reference network, token table and memory models",
            "  ofa-costs           MACs and parameters of 2,223 measured once-for-all subnets (--data)",
            "  mobilenetv4-costs   parameters of MobileNetV4's five released models",
            "  fbnetv3-costs       MACs of FBNetV3's models A to G",
            "  nasbench201-costs   FLOPs and parameters of all 15,625 cells (--data)",
            "  micronas-figures    what MicroNAS' text says of its space (--data)",
            "  supernet-cifar10, supernet-fashion-mnist, supernet-uci-har, supernet-digits-conv, supernet-digits-transformer",
            "                      top-1 of the largest and of the best network of 100,000 parameters, inherited (--data)",
            "  translation         BLEU of the largest and the smallest translator of hat-mini, trained on Multi30k (--data)",
            "  nasbench201-search  evaluations to 99 %% of the true hypervolume, five strategies, 20 seeds (--data)",
            "  ofa-search          evaluations to the hypervolume of logged NSGA-II and LINAS on once-for-all's space (--data)",
            "  spaceevo-search     SpaceEvo's search of spaces on its published tables (--data)",
            "  mcuformer-space     steps of MCUFormer's evolution of the space",
            "  help                few-shot latency prediction on HELP's six unseen devices: transfer, HELP, intervals (--data)",
            "  confident-budgets   searches under a latency budget at 90 %% confidence, ten measurements a device: networks truly within (--data)",
            "  scoring-speed       architectures a second of each kind of predictor, beside scikit-learn (--python)",
            "  ten-measurements    a device that no table knows, predicted by ten measurements: rank correlation on 100 networks measured afterwards",
            "  profile-again       the same networks measured twice, an hour of noisy load apart (or after --run): Kendall's tau",
            "  operator-table      latency by a table of operators measured alone, calibrated by 20 networks, beside learned predictors",
            "  memory              memory of running networks predicted from ten measured ones, on fresh ones measured afterwards",
            "  flops-pretraining   accuracy predictors from 20, 50, 100 accuracies, with and without pre-training on costs (--data)",
            "  hat-latency         latency of HAT's translators on two devices from 20 features (--data)",
            "  spaceevo-latency    latency of SpaceEvo's stages of a block type that the predictor has never seen (--data)",
            "  zero-cost           scores of 500 untrained cells of NAS-Bench-201 against accuracies and published scores (--data)",
            "  c-export            8-bit C: bits against the reference on the host and an emulated Cortex-M7, memory, top-1, instructions",
            "  mcu-search          a search for a microcontroller under three budgets of RAM: linked, run, in budget; on Fashion-MNIST with --data",
            "  stranger            the README's path for an own image folder: searched, verified, exported, run in C on this machine, in minutes (--data)",
            "  spark-cluster       a Spark master and two workers on this machine: values, speed-up, overheads",
            "  scaling             cost model of clusters, against two workers, and its predictions for 10, 100 and 1,000 cores",
            "  search-kills        searches killed at --count random moments, every strategy: same bytes, time to resume; base: --run or a small run",
            "  ten-million         a search of --count evaluations in 512 MiB: heap, bytes of log, time, report; base: --run or a small run",
            "  quantized-for-all   8-bit subnets of a supernet fine-tuned with rounding against float32, on Fashion-MNIST (--data)",
            "",
            "Examples:",
            "  lathe reproduce agreement",
            "  lathe reproduce digits --data ../shared/data",
            "  lathe reproduce search-seeds --run results/mine --json"
        })
final class ReproduceCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "What to re-compute.")
    String name = "";

    @Option(names = "--data", paramLabel = "DIR", description = "Folder of the data sets, with digits/ in it.")
    @Nullable
    Path data;

    @Option(
            names = "--python",
            paramLabel = "PROGRAM",
            description =
                    "A Python beside which to measure: step-cost wants torch, scoring-speed scikit-learn; for example venv/bin/python.")
    @Nullable
    Path python;

    @Option(
            names = "--run",
            paramLabel = "DIR",
            description =
                    "A finished run, for search-seeds, search-kills, ten-million and profile-again; a folder in which to keep, and go on with, a training, for translation, quantized-for-all and supernet-….")
    @Nullable
    Path run;

    @Option(
            names = "--count",
            paramLabel = "N",
            description =
                    "Kills of each strategy, for search-kills (default: 50); evaluations, for ten-million (default: 10,000,000); minutes, for profile-again (default: 60).")
    @Nullable
    Integer count;

    @Option(names = "--json", description = "Print one JSON document.")
    boolean json;

    @Mixin
    ExecutionOptions execution = new ExecutionOptions();

    /**
     * A row of a re-computed table.
     *
     * @param what it is of
     * @param theirs the published or the reference figure, as text; empty where there is none
     * @param ours the figure we got
     * @param bar what ours must reach, as text
     * @param reached whether it does
     */
    record Row(String what, String theirs, String ours, String bar, boolean reached) {}

    /** Re-computes one table. */
    @FunctionalInterface
    interface Reproduction {
        List<Row> run(ReproduceCommand options) throws IOException;
    }

    /** What {@code --count} says. */
    int count(int otherwise) {
        if (count == null) {
            return otherwise;
        }
        if (count < 1) {
            throw new InvalidInputException("--count is %d, it must be at least 1".formatted(count));
        }
        return count;
    }

    static Map<String, Reproduction> all() {
        Map<String, Reproduction> m = new LinkedHashMap<>();
        m.put("digits", Reproductions::digits);
        m.put("agreement", Reproductions::agreement);
        m.put("step-cost", Reproductions::stepCost);
        m.put("search-seeds", SearchSeedsReproduction::run);
        m.put("runnable", Reproductions::runnable);
        m.put("hat-costs", PublishedFigures.of(HatCosts::compare));
        m.put("spaceevo-tables", PublishedFigures.of(SpaceEvoTables::compare));
        m.put("mcuformer-memory", PublishedFigures.inText(McuFormerMemory::compare));
        m.put("ofa-costs", PublishedFigures.of(OfaCosts::compare));
        m.put("mobilenetv4-costs", PublishedFigures.inText(MobileNetV4Costs::compare));
        m.put("fbnetv3-costs", PublishedFigures.inText(FbnetV3Costs::compare));
        m.put("nasbench201-costs", PublishedFigures.of(NasBench201Costs::compare));
        m.put("micronas-figures", PublishedFigures.of(MicroNasFigures::compare));
        m.put("help", HelpReproduction::run);
        m.put("confident-budgets", ConfidentBudgetsReproduction::run);
        m.put("scoring-speed", ScoringSpeedReproduction::run);
        m.put("ten-measurements", TenMeasurementsReproduction::run);
        m.put("profile-again", ProfileAgainReproduction::run);
        m.put("operator-table", OperatorTableReproduction::run);
        m.put("memory", MemoryReproduction::run);
        m.put("flops-pretraining", PretrainingReproduction::run);
        m.put("hat-latency", HatLatencyReproduction::run);
        m.put("spaceevo-latency", SpaceEvoLatencyReproduction::run);
        m.put("zero-cost", ZeroCostReproduction::run);
        m.put("c-export", CExportReproduction::run);
        m.put("mcu-search", McuSearchReproduction::run);
        m.put("stranger", StrangerReproduction::run);
        for (SupernetReproduction r : SupernetReproduction.values()) {
            m.put(r.text(), r);
        }
        m.put("quantized-for-all", QuantizedForAllReproduction::run);
        m.put("translation", TranslationReproduction::run);
        m.put("nasbench201-search", NasBench201SearchReproduction::run);
        m.put("ofa-search", OfaSearchReproduction::run);
        m.put("spaceevo-search", SpaceSearchReproduction::spaceEvo);
        m.put("mcuformer-space", SpaceSearchReproduction::mcuFormer);
        m.put("search-kills", SearchKillsReproduction::run);
        m.put("ten-million", TenMillionReproduction::run);
        m.put("spark-cluster", ScalingReproduction::cluster);
        m.put("scaling", ScalingReproduction::scaling);
        return m;
    }

    @Override
    public Integer call() throws Exception {
        Reproduction r = all().get(name);
        if (r == null) {
            throw InvalidInputException.unknown("reproduction", name, all().keySet());
        }
        execution.selectDevice();
        List<Row> rows = r.run(this);
        boolean reached = rows.stream().allMatch(Row::reached);
        if (json) {
            ObjectNode o = Json.json().createObjectNode().put("name", name).put("reached", reached);
            ArrayNode list = o.putArray("rows");
            rows.forEach(row -> list.addObject()
                    .put("what", row.what())
                    .put("theirs", row.theirs())
                    .put("ours", row.ours())
                    .put("bar", row.bar())
                    .put("reached", row.reached()));
            System.out.println(Json.json().writeValueAsString(o));
        } else {
            Table t = new Table("what", "theirs", "ours", "bar", "");
            rows.forEach(row -> t.row(row.what(), row.theirs(), row.ours(), row.bar(), row.reached() ? "ok" : "SHORT"));
            System.out.print(t);
        }
        return reached ? 0 : 1;
    }
}
