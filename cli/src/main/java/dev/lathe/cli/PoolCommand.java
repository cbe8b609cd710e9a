package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.ProgressListener;
import dev.lathe.device.DeviceProfile;
import dev.lathe.device.Devices;
import dev.lathe.device.MeasurementTable;
import dev.lathe.device.pool.DevicePool;
import dev.lathe.device.pool.PoolTable;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The devices that a new one is predicted from: lists them, and measures more. */
@Command(
        name = "pool",
        mixinStandardHelpOptions = true,
        description =
                "Lists the device tables from which a new device is predicted by a few measurements (lathe profile --samples), and adds to them.",
        footer = {
            "",
            "Examples:",
            "  lathe pool --space vit-tiny",
            "  lathe pool add --space mbconv-tiny --device raspberry-pi --pool pool",
            "  lathe pool judge table.csv --choices kernel1,kernel2,width"
        },
        subcommands = {PoolCommand.Add.class, PoolJudge.class})
final class PoolCommand implements Callable<Integer> {
    /** Decides which networks every device is measured on. */
    private static final long SEED = 1;

    static final String FOLDER_HELP = "Folder of your own device tables (default: ${DEFAULT-VALUE}).";
    static final String FOLDER = "pool";

    @Option(names = "--space", paramLabel = "NAME", description = "Search space (default: ${DEFAULT-VALUE}).")
    String space = "mbconv-tiny";

    @Option(names = "--pool", paramLabel = "DIR", description = FOLDER_HELP)
    Path folder = Path.of(FOLDER);

    @Option(names = "--json", description = "Print one JSON document.")
    boolean json;

    @Override
    public Integer call() throws IOException {
        ArrayNode all = Json.json().createArrayNode();
        Table t = new Table("device", "networks", "median", "measured", "load", "processor or core");
        for (PoolTable p : DevicePool.tables(SearchSpaces.nameOf(space), task(usual(space)), folder)) {
            ObjectNode o = all.addObject();
            p.facts().forEach(o::put);
            double[] ms = p.rows().values().stream()
                    .mapToDouble(PoolTable.Row::medianMs)
                    .sorted()
                    .toArray();
            o.put("networks", ms.length).put("medianMs", ms[ms.length / 2]);
            t.row(
                    p.device(),
                    Integer.toString(ms.length),
                    Quantities.show("latencyMs", ms[ms.length / 2]),
                    p.facts().getOrDefault("measured", ""),
                    p.facts().getOrDefault("load", ""),
                    p.facts().getOrDefault("cpu", p.facts().getOrDefault("core", "")));
        }
        System.out.print(json ? Json.json().writeValueAsString(all) + "\n" : t.toString());
        return 0;
    }

    private static SearchSpace usual(String space) {
        return SearchSpaces.create(space, SearchSpaces.usualTask(space));
    }

    /** What networks of a space take and give, as tables say it. */
    static String task(SearchSpace space) {
        TaskShape t = TaskShape.of(space);
        return "%dx%dx%d, %d classes".formatted(t.channels(), t.height(), t.width(), t.classes());
    }

    /** Measures the networks of the pool on a device. */
    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description =
                    "Measures random networks of a space on devices, the same ones on each, and keeps the tables; a run that was stopped goes on.",
            footer = {
                "",
                "Example:",
                "  lathe pool add --space mbconv-tiny --device raspberry-pi,my-board.yaml --pool pool"
            })
    static final class Add implements Callable<Integer> {
        @Option(names = "--space", paramLabel = "NAME", description = "Search space (default: ${DEFAULT-VALUE}).")
        String space = "mbconv-tiny";

        @Option(
                names = "--device",
                paramLabel = "NAME",
                split = ",",
                required = true,
                description = "Devices (lathe devices lists them), or YAML files that describe some.")
        List<String> devices = new ArrayList<>();

        @Option(
                names = "--networks",
                paramLabel = "N",
                description = "Random networks, besides the smallest and the largest (default: ${DEFAULT-VALUE}).")
        int networks = 200;

        @Option(names = "--pool", paramLabel = "DIR", description = FOLDER_HELP)
        Path folder = Path.of(FOLDER);

        @Option(
                names = {"-q", "--quiet"},
                description = "No progress on standard error.")
        boolean quiet;

        @Override
        public Integer call() throws IOException {
            if (networks < 1 || networks > 100_000) {
                throw new InvalidInputException("--networks is %d, it must be 1 to 100000".formatted(networks));
            }
            SearchSpace s = usual(space);
            List<DeviceProfile> profiles = devices.stream().map(Devices::get).toList();
            profiles.forEach(Meters::check);
            for (DeviceProfile d : profiles) {
                Path file = add(s, d, networks, folder, ExecutionOptions.progress(quiet));
                System.out.println(file);
            }
            return 0;
        }
    }

    /** Networks that every device is measured on. */
    static List<Architecture> networks(SearchSpace space, int n) {
        return RandomNetworks.withExtremes(space, RandomNetworks.draw(space, n, SEED, "pool"));
    }

    private static Path add(SearchSpace space, DeviceProfile d, int n, Path folder, ProgressListener progress)
            throws IOException {
        Path file = DevicePool.file(folder, space.name(), d.id());
        Path partial = file.resolveSibling(d.id() + ".partial" + DevicePool.ENDING);
        SortedMap<String, String> facts = new TreeMap<>(d.hostFacts());
        facts.put("space", space.name());
        facts.put("task", task(space));
        facts.put("device", d.id());
        facts.put("description", d.description());
        facts.put("precision", d.precision().toString());
        facts.put("threads", Integer.toString(d.threads()));
        facts.put("batch", Integer.toString(d.batch()));
        facts.put("optimized", Boolean.toString(d.optimized()));
        facts.put("protocol", d.protocol().id());
        facts.put("measured", LocalDate.now(ZoneOffset.UTC).toString());
        String before = load();
        try (MeasurementTable table = MeasurementTable.open(partial, d)) {
            table.measureMissing(
                    Meters.of(d, SEED), TimedForms.ofRandomWeights(d, space, networks(space, n)), progress);
            facts.put("load", before == null ? "not told" : "%s before, %s after".formatted(before, load()));
            PoolTable.of(facts, table.rows()).write(file);
        }
        Files.delete(partial);
        return file;
    }

    /** Processes that ran or waited, on average over a minute; null where the system does not tell. */
    private static @Nullable String load() {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return load < 0 ? null : String.format(Locale.ROOT, "%.1f", load);
    }
}
