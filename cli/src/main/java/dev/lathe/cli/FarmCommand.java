package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.device.LatencyMeasurement;
import dev.lathe.device.ProfilingFarm;
import dev.lathe.results.RunDirectory;
import dev.lathe.results.RunManifest;
import dev.lathe.supernet.data.DataSplit;
import dev.lathe.supernet.data.TrainingData;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Profiles several devices at the same time, each into a run directory of its own. */
@Command(
        name = "farm",
        mixinStandardHelpOptions = true,
        description = {
            "Measures the same random networks on several devices at the same time, each into a run directory of its own, DIR/DEVICE, as lathe"
                    + " profile would. Devices that are one machine or one phone take turns, and this machine comes last: networks for the others are"
                    + " made on it. A device that fails holds up no other; the same command goes on with it."
        },
        footer = {
            "",
            "Examples:",
            "  lathe farm --on this-machine --on this-machine-int8 --out results/farm",
            "  lathe farm --on raspberry-pi,my-board.yaml,android-phone --space vit-tiny --out results/boards --json",
            "  lathe run --resume --out results/boards/raspberry-pi    # search for one of them"
        })
final class FarmCommand implements Callable<Integer> {
    @CommandLine.Spec
    CommandLine.Model.@Nullable CommandSpec spec;

    @Mixin
    ExperimentOptions asked = new ExperimentOptions();

    @Option(
            names = "--on",
            paramLabel = "DEVICE",
            required = true,
            split = ",",
            description = "A device, or a YAML file that describes one; repeatable, in place of --device.")
    List<String> devices = new ArrayList<>();

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Folder of the run directories.")
    Path out = Path.of("");

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress on standard error.")
    boolean quiet;

    @Override
    public Integer call() throws IOException {
        if (asked.device != null) {
            throw new InvalidInputException("--device is %s; name all devices by --on".formatted(asked.device));
        }
        Map<String, Experiment> experiments = new LinkedHashMap<>();
        for (String name : devices) {
            asked.device = name;
            Experiment e = asked.experiment();
            if (e.samples() != null) {
                throw new InvalidInputException(
                        "profile.samples is %d, and a farm measures all of profile.networks; leave it out, or run lathe profile for each device"
                                .formatted(e.samples()));
            }
            if (experiments.put(Workbench.check(e).id(), e) != null) {
                throw new InvalidInputException("device %s is given twice; name each once"
                        .formatted(Workbench.check(e).id()));
            }
        }
        ExecutionOptions execution = new ExecutionOptions();
        execution.quiet = quiet;
        Experiment first = experiments.values().iterator().next();
        TrainingData data = Workbench.load(first, false);
        if (!(data instanceof DataSplit)) {
            throw Workbench.isText(first);
        }
        Map<String, Workbench> benches = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Experiment> e : experiments.entrySet()) {
                RunManifest manifest = RunManifest.of(
                        e.getValue().settings(),
                        Map.of(),
                        Map.of("lathe", Main.VERSION),
                        Versions.platform(),
                        Objects.requireNonNull(spec)
                                .root()
                                .commandLine()
                                .getParseResult()
                                .originalArgs(),
                        Instant.now().toString());
                RunDirectory run = RunDirectory.start(out.resolve(e.getKey()), manifest, true);
                Workbench w = Workbench.of(e.getValue(), run, data, execution, execution.progress());
                benches.put(e.getKey(), w);
                ProfileStep.checkExactBudgets(w);
            }
            return measure(benches);
        } finally {
            for (Workbench w : benches.values()) {
                w.run().close();
            }
        }
    }

    private int measure(Map<String, Workbench> benches) throws IOException {
        List<ProfilingFarm.Order> orders = new ArrayList<>();
        for (Workbench w : benches.values()) {
            orders.add(new ProfilingFarm.Order(
                    Meters.of(w.device(), w.experiment().seed()),
                    TimedForms.ofRandomWeights(
                            w.device(), w.space(), RandomNetworks.withExtremes(w.space(), ProfileStep.sample(w))),
                    w.run().measurements()));
        }
        List<ProfilingFarm.Outcome> outcomes =
                ProfilingFarm.measure(orders, benches.values().iterator().next().progress());
        ObjectNode all = Json.json().createObjectNode();
        ArrayNode list = all.putArray("devices");
        Table table = new Table("device", "queue", "networks", "fastest", "median", "slowest", "");
        boolean failed = false;
        for (ProfilingFarm.Outcome o : outcomes) {
            Workbench w = Objects.requireNonNull(benches.get(o.device().id()));
            String failure = o.failure() == null ? resolved(w) : o.failure();
            failed |= failure != null;
            double[] ms = o.measurements().stream()
                    .mapToDouble(LatencyMeasurement::medianMs)
                    .sorted()
                    .toArray();
            ObjectNode row = list.addObject()
                    .put("device", o.device().id())
                    .put("queue", o.place())
                    .put("networks", ms.length)
                    .put("folder", w.folder().toString())
                    .put("failure", failure);
            List<String> cells = new ArrayList<>(List.of(o.device().id(), o.place(), Integer.toString(ms.length)));
            for (String name : List.of("fastest", "median", "slowest")) {
                int at = name.equals("fastest") ? 0 : name.equals("median") ? ms.length / 2 : ms.length - 1;
                if (ms.length > 0) {
                    row.put(name + "Ms", ms[at]);
                }
                cells.add(ms.length == 0 ? "-" : Quantities.show("latencyMs", ms[at]));
            }
            cells.add(failure == null ? w.folder().toString() : failure);
            table.row(cells.toArray(String[]::new));
        }
        System.out.print(json ? Json.json().writeValueAsString(all) + "\n" : table);
        return failed ? 1 : 0;
    }

    /** Keeps the budgets as numbers with the run, as {@code lathe profile} does; says in one line why not. */
    private static @Nullable String resolved(Workbench w) throws IOException {
        try {
            ProfileCommand.profile(w);
            return null;
        } catch (InvalidInputException e) {
            return e.getMessage();
        }
    }
}
