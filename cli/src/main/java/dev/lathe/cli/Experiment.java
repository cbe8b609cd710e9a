package dev.lathe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.device.Devices;
import dev.lathe.predict.FeatureKind;
import dev.lathe.predict.train.PredictorKind;
import dev.lathe.space.SearchSpaces;
import dev.lathe.supernet.BitWidth;
import dev.lathe.supernet.Regularization;
import dev.lathe.supernet.ShrinkingOptions;
import dev.lathe.supernet.Strategy;
import dev.lathe.supernet.text.TranslationFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a user asks for: everything that changes the result, and nothing that only changes how it is computed (threads, cluster).
 *
 * @param space name of the search space, or the text of the YAML file that describes it
 * @param data {@code digits}, {@code uci-digits:DIR}, {@code uci-har:DIR}, {@code multi30k:DIR}, {@code
 *     parallel:SOURCE,TARGET}, or a path to image folders or a ZIP of them, IDX
 *     files or NPY windows
 * @param imageSize side in pixels to which images are scaled, or null for their own size
 * @param device name of the device
 * @param seed of all randomness
 * @param budgets hard budgets by name, as written
 * @param confidence probability with which a network is to be within the latency budget, and within that of memory, or null where its predicted latency, and memory, is
 * @param objectives names of the objectives
 * @param training overrides of the space's training defaults; null where the default stands
 * @param measuredNetworks random networks that are measured on the device
 * @param samples networks that are measured instead, the rest being predicted from them and from known devices; null for none
 * @param memoryNetworks random networks whose memory is seen while they run; null for as many as a budget or objective of memory takes
 * @param predictor kinds of models that predictors are chosen from
 * @param features what these predictors read of an architecture
 * @param sampledNetworks random subnets whose accuracy is evaluated with inherited weights
 * @param accuracyImages validation images, or sentences, that they are evaluated on, or null for all
 * @param evaluations networks that the search may score
 * @param population of the search
 * @param frontSize most members of the front that are kept, exported and measured
 * @param method how it is searched
 */
record Experiment(
        String space,
        String data,
        @Nullable Integer imageSize,
        String device,
        long seed,
        Map<String, String> budgets,
        @Nullable Double confidence,
        List<String> objectives,
        Training training,
        int measuredNetworks,
        @Nullable Integer samples,
        @Nullable Integer memoryNetworks,
        PredictorKind predictor,
        FeatureKind features,
        int sampledNetworks,
        @Nullable Integer accuracyImages,
        int evaluations,
        int population,
        int frontSize,
        SearchMethod method) {

    /** Overrides of the training defaults, null where the default stands. */
    record Training(
            @Nullable Integer steps,
            @Nullable Integer batchSize,
            @Nullable Double learningRate,
            @Nullable Double weightDecay,
            @Nullable Strategy strategy,
            @Nullable Boolean flip,
            Regularization regularization,
            ShrinkingOptions shrinking,
            @Nullable BitWidth quantization) {}

    /** Key of the confidence among the budgets. */
    private static final String CONFIDENCE = "confidence";

    private static final int MOST_SAMPLES = 200;

    private static final List<String> TOP = List.of(
            "space",
            "data",
            "imageSize",
            "device",
            "seed",
            "budget",
            "objectives",
            "training",
            "profile",
            "search",
            "front");
    private static final List<String> OBJECTIVES = List.of(
            "top1", "loss", "latency", "peakActivation", "macs", "parameters", "peakSram", "flash", MemoryStep.NAME);

    /** The experiment that runs when no file is given. */
    static final String BUILT_IN = """
            # The built-in experiment: small convolutional networks for handwritten digits on this machine.
            space: mbconv-tiny
            data: digits
            device: this-machine
            seed: 1
            budget:
              latency: p30            # as fast as the fastest 30 % of random networks, measured here
              peakActivation: 16 KiB
            objectives: [top1, latency, peakActivation]
            profile:
              networks: 200           # random networks measured on the device
              accuracies: 250         # random subnets evaluated with inherited weights
            search:
              evaluations: 20000
              population: 100
            front:
              size: 24
            """;

    /** The experiment that runs when no file is given and the data is text. */
    static final String BUILT_IN_TEXT = """
            # The built-in experiment for translators: small networks of HAT's structure.
            space: hat-mini
            seed: 1
            objectives: [loss, macs]
            profile:
              accuracies: 100         # random subnets whose loss is evaluated with inherited weights
              accuracyImages: 250     # on so many validation sentences
            search:
              evaluations: 20000
              population: 100
            front:
              size: 8
            """;

    /** The experiment that runs when no file is given and the device is a microcontroller, whose memory is the budget. */
    static final String BUILT_IN_FIRMWARE = """
            # The built-in experiment for microcontrollers; RAM and flash of the device are budgets without being named.
            space: mbconv-tiny
            data: digits
            device: stm32f746
            seed: 1
            objectives: [top1, latency, peakSram]
            profile:
              networks: 100           # random networks whose instructions are counted
              accuracies: 250         # random subnets evaluated with inherited weights
            search:
              evaluations: 10000
              population: 100
            front:
              size: 12
            """;

    /** Reads an experiment; keys that are left out have the built-in experiment's values, except the budget. */
    static Experiment read(@Nullable Path file, List<String> overrides) {
        String text = BUILT_IN;
        String source = "the built-in experiment";
        if (file != null) {
            source = file.toString();
            try {
                if (Files.size(file) > 1 << 20) {
                    throw new InvalidInputException(
                            "experiment file %s is larger than 1 MiB; give the experiment's YAML".formatted(file));
                }
                text = Files.readString(file);
            } catch (IOException e) {
                throw new InvalidInputException(
                        "experiment file %s cannot be read: %s; check the path".formatted(file, reason(e)), e);
            }
        }
        ObjectNode object = tree(text, source, overrides);
        if (file == null && TranslationFiles.isText(text(object, "data", ""))) {
            object = tree(BUILT_IN_TEXT, source, overrides);
        } else if (file == null && runsCode(object)) {
            object = tree(BUILT_IN_FIRMWARE, source, overrides);
        }
        return parse(object, source);
    }

    private static ObjectNode tree(String text, String source, List<String> overrides) {
        JsonNode root;
        try {
            root = Json.yaml().readTree(text);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    "%s is not YAML: line %d: %s"
                            .formatted(
                                    source,
                                    e.getLocation() == null
                                            ? 0
                                            : e.getLocation().getLineNr(),
                                    Names.shown(e.getOriginalMessage())),
                    e);
        }
        if (!(root instanceof ObjectNode object)) {
            throw new InvalidInputException(
                    "%s holds no experiment; it needs keys such as space and data".formatted(source));
        }
        overrides.forEach(o -> override(object, o));
        return object;
    }

    /** Whether networks run on the device as firmware. */
    private static boolean runsCode(ObjectNode root) {
        return Devices.get(text(root, "device", Devices.THIS_MACHINE)).runsCode();
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.NoSuchFileException
                ? "there is no such file"
                : String.valueOf(e.getMessage());
    }

    /** Sets {@code key.path=value} in the tree, the value read as YAML. */
    private static void override(ObjectNode root, String assignment) {
        int equals = assignment.indexOf('=');
        if (equals <= 0) {
            throw new InvalidInputException("override '%s' is not of the form KEY=VALUE, for example training.steps=500"
                    .formatted(Names.shown(assignment)));
        }
        String[] path = assignment.substring(0, equals).split("\\.", -1);
        ObjectNode at = root;
        for (int i = 0; i < path.length - 1; i++) {
            JsonNode next = at.get(path[i]);
            at = next instanceof ObjectNode o ? o : at.putObject(path[i]);
        }
        try {
            JsonNode value = Json.yaml().readTree(assignment.substring(equals + 1));
            at.set(path[path.length - 1], value == null ? JsonNodeFactory.instance.nullNode() : value);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    "override '%s' has a value that is not YAML".formatted(Names.shown(assignment)), e);
        }
    }

    private static Experiment parse(ObjectNode root, String source) {
        checkKeys(root, "", TOP, source);
        List<String> trainingKeys = new ArrayList<>(
                List.of("steps", "batchSize", "learningRate", "weightDecay", "strategy", "flip", "quantization"));
        trainingKeys.addAll(RegularizationKeys.NAMES);
        ObjectNode training = section(root, "training", trainingKeys, source);
        ObjectNode profile = section(
                root,
                "profile",
                List.of("networks", "samples", "memory", "predictor", "features", "accuracies", "accuracyImages"),
                source);
        List<String> searchKeys = new ArrayList<>(List.of("evaluations", "population"));
        searchKeys.addAll(SearchMethod.KEYS);
        ObjectNode search = section(root, "search", searchKeys, source);
        ObjectNode stop = section(search, "stop", SearchMethod.STOP_KEYS, source);
        ObjectNode front = section(root, "front", List.of("size"), source);
        List<String> budgetKeys = new ArrayList<>(Quantities.budgetNames());
        budgetKeys.add(CONFIDENCE);
        ObjectNode budget = section(root, "budget", budgetKeys, source);
        Map<String, String> budgets = new LinkedHashMap<>();
        for (String name : Quantities.budgetNames()) {
            if (budget.has(name)) {
                String text = budget.get(name).asText();
                Quantities.budget(name, text);
                budgets.put(name, text);
            }
        }
        List<String> objectives = new ArrayList<>();
        JsonNode given = root.get("objectives");
        if (given == null) {
            objectives.addAll(List.of("top1", "latency", runsCode(root) ? "peakSram" : "peakActivation"));
        } else {
            if (!given.isArray() || given.isEmpty()) {
                throw new InvalidInputException(
                        "%s: objectives must be a list, for example [top1, latency, peakActivation]".formatted(source));
            }
            for (JsonNode n : given) {
                if (!OBJECTIVES.contains(n.asText())) {
                    throw InvalidInputException.unknown("objective", n.asText(), OBJECTIVES);
                }
                if (!objectives.contains(n.asText())) {
                    objectives.add(n.asText());
                }
            }
        }
        Experiment e = new Experiment(
                SearchSpaces.kept(text(root, "space", "mbconv-tiny")),
                text(root, "data", "digits"),
                root.has("imageSize") ? Integer.valueOf((int) whole(root, "imageSize", 8, 256, 32, source)) : null,
                text(root, "device", Devices.THIS_MACHINE),
                whole(root, "seed", Long.MIN_VALUE, Long.MAX_VALUE, 1, source),
                budgets,
                confidence(budget, source),
                objectives,
                new Training(
                        training.has("steps")
                                ? Integer.valueOf((int) whole(training, "steps", 1, 10_000_000, 1, source))
                                : null,
                        training.has("batchSize")
                                ? Integer.valueOf((int) whole(training, "batchSize", 2, 4096, 64, source))
                                : null,
                        positive(training, "learningRate", source),
                        positive(training, "weightDecay", source),
                        strategy(training),
                        flip(training, source),
                        RegularizationKeys.read(training, source),
                        RegularizationKeys.shrinking(training, source),
                        quantization(training)),
                (int) whole(profile, "networks", 20, 10_000, 200, source),
                profile.has("samples")
                        ? Integer.valueOf((int) whole(profile, "samples", 2, MOST_SAMPLES, 10, source))
                        : null,
                profile.has("memory")
                        ? Integer.valueOf((int) whole(
                                profile, "memory", MemoryStep.LEAST, MemoryStep.MOST, MemoryStep.NETWORKS, source))
                        : null,
                predictor(profile),
                features(profile),
                (int) whole(profile, "accuracies", 20, 100_000, 250, source),
                profile.has("accuracyImages")
                        ? Integer.valueOf((int) whole(profile, "accuracyImages", 1, 10_000_000, 1, source))
                        : null,
                (int) whole(search, "evaluations", 1, 100_000_000, 20_000, source),
                (int) whole(search, "population", 4, 100_000, 100, source),
                (int) whole(front, "size", 1, 1000, 24, source),
                SearchMethod.parse(search, stop, source));
        if (e.method.usesPopulation() && e.population > e.evaluations) {
            throw new InvalidInputException(
                    "%s: a population of %d cannot be scored within %d evaluations; lower search.population or raise search.evaluations"
                            .formatted(source, e.population, e.evaluations));
        }
        return e;
    }

    private static @Nullable Double confidence(ObjectNode budget, String source) {
        JsonNode n = budget.get(CONFIDENCE);
        if (n == null) {
            return null;
        }
        double c;
        try {
            c = Double.parseDouble(n.asText());
        } catch (NumberFormatException e) {
            c = Double.NaN;
        }
        if (!(c >= 0.5 && c <= 0.99)) {
            throw new InvalidInputException(
                    "%s: 'budget.confidence' is '%s', it must be a probability from 0.5 to 0.99, for example 0.9"
                            .formatted(source, Names.shown(n.asText())));
        }
        if (!budget.has("latency") && !budget.has(MemoryStep.NAME)) {
            throw new InvalidInputException(
                    "%s: budget.confidence is %s, but there is no latency or memory budget, and the others are exact; give one, or leave it out"
                            .formatted(source, c));
        }
        return c;
    }

    private static @Nullable Boolean flip(ObjectNode training, String source) {
        JsonNode n = training.get("flip");
        if (n == null) {
            return null;
        }
        if (!n.isBoolean()) {
            throw new InvalidInputException(
                    "%s: 'training.flip' is '%s', it must be true or false".formatted(source, Names.shown(n.asText())));
        }
        return n.booleanValue();
    }

    private static @Nullable Strategy strategy(ObjectNode training) {
        if (!training.has("strategy")) {
            return null;
        }
        String text = training.get("strategy").asText();
        List<String> known = new ArrayList<>();
        for (Strategy s : Strategy.values()) {
            if (s.text().equals(text)) {
                return s;
            }
            known.add(s.text());
        }
        throw InvalidInputException.unknown("training.strategy", text, known);
    }

    private static PredictorKind predictor(ObjectNode profile) {
        String text = text(profile, "predictor", PredictorKind.FAST.text());
        for (PredictorKind k : PredictorKind.values()) {
            if (k.text().equals(text)) {
                return k;
            }
        }
        throw InvalidInputException.unknown("profile.predictor", text, PredictorKind.names());
    }

    private static FeatureKind features(ObjectNode profile) {
        String text = text(profile, "features", FeatureKind.GRAPH.text());
        for (FeatureKind k : FeatureKind.values()) {
            if (k.text().equals(text)) {
                return k;
            }
        }
        throw InvalidInputException.unknown("profile.features", text, FeatureKind.names());
    }

    private static @Nullable BitWidth quantization(ObjectNode training) {
        if (!training.has("quantization")) {
            return null;
        }
        String text = training.get("quantization").asText();
        List<String> known = new ArrayList<>();
        for (BitWidth b : BitWidth.values()) {
            if (b.text().equals(text)) {
                return b;
            }
            known.add(b.text());
        }
        throw InvalidInputException.unknown("training.quantization", text, known);
    }

    private static void checkKeys(ObjectNode node, String prefix, List<String> known, String source) {
        node.fieldNames().forEachRemaining(k -> {
            if (!known.contains(k)) {
                String nearest = Names.nearest(k, known);
                throw new InvalidInputException("%s: unknown key '%s%s'%s; known are %s"
                        .formatted(
                                source,
                                prefix,
                                Names.shown(k),
                                nearest == null ? "" : ", did you mean '" + prefix + nearest + "'?",
                                String.join(", ", known)));
            }
        });
    }

    private static ObjectNode section(ObjectNode root, String key, List<String> known, String source) {
        JsonNode n = root.get(key);
        if (n == null || n.isNull()) {
            return JsonNodeFactory.instance.objectNode();
        }
        if (!(n instanceof ObjectNode object)) {
            throw new InvalidInputException("%s: '%s' must hold keys (%s), not '%s'"
                    .formatted(source, key, String.join(", ", known), Names.shown(n.asText())));
        }
        checkKeys(object, key + ".", known, source);
        return object;
    }

    private static String text(ObjectNode node, String key, String otherwise) {
        return node.has(key) ? node.get(key).asText() : otherwise;
    }

    static long whole(ObjectNode node, String key, long least, long most, long otherwise, String source) {
        JsonNode n = node.get(key);
        if (n == null) {
            return otherwise;
        }
        if (!n.isIntegralNumber() || !n.canConvertToLong() || n.longValue() < least || n.longValue() > most) {
            throw new InvalidInputException("%s: '%s' is '%s', it must be a whole number from %d to %d"
                    .formatted(source, key, Names.shown(n.asText()), least, most));
        }
        return n.longValue();
    }

    private static @Nullable Double positive(ObjectNode node, String key, String source) {
        JsonNode n = node.get(key);
        if (n == null) {
            return null;
        }
        if (!n.isNumber() || !(n.doubleValue() > 0) || !Double.isFinite(n.doubleValue())) {
            throw new InvalidInputException(
                    "%s: '%s' is '%s', it must be a positive number".formatted(source, key, Names.shown(n.asText())));
        }
        return n.doubleValue();
    }

    /** The experiment whose {@link #settings} these are, as a run's manifest keeps them. */
    static Experiment fromSettings(Map<String, String> settings, Path source) {
        return parse(tree(settings), source.toString());
    }

    /** The same with its data in another place. */
    Experiment withData(String place) {
        Map<String, String> settings = settings();
        settings.put("data", place);
        return fromSettings(settings, Path.of(place));
    }

    /** This experiment as a file that asks for it. */
    String yaml() {
        try {
            return Json.yaml().writeValueAsString(tree(settings()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of texts and numbers can be written", e);
        }
    }

    private static ObjectNode tree(Map<String, String> settings) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        settings.forEach((key, value) -> {
            boolean unset = key.startsWith("budget.") && value.equals("none")
                    || key.startsWith("search.") && value.equals("none")
                    || key.startsWith("training.") && value.equals("default")
                    || key.equals("imageSize") && value.equals("own");
            if (unset) {
                return;
            }
            if (key.equals("objectives")) {
                var list = root.putArray(key);
                for (String o : value.split(",", -1)) {
                    list.add(o);
                }
            } else if (List.of("space", "data", "device").contains(key)) {
                root.put(key, value);
            } else if (key.equals("search.warmStart")) {
                root.withObject("/search").put("warmStart", value);
            } else if (key.startsWith("budget.")) {
                root.withObject("/budget").put(key.substring("budget.".length()), value);
            } else {
                override(root, key + "=" + value);
            }
        });
        return root;
    }

    /** Every setting by its key, in a fixed order: what the run's manifest keeps, and what {@code --resume} compares. */
    Map<String, String> settings() {
        Map<String, String> m = new LinkedHashMap<>();
        m.put("space", space);
        m.put("data", data);
        m.put("imageSize", imageSize == null ? "own" : imageSize.toString());
        m.put("device", device);
        m.put("seed", Long.toString(seed));
        for (String name : Quantities.budgetNames()) {
            if (budgets.containsKey(name) || !Quantities.isNamedWhereAsked(name)) {
                m.put("budget." + name, budgets.getOrDefault(name, "none"));
            }
        }
        if (confidence != null) {
            m.put("budget." + CONFIDENCE, confidence.toString());
        }
        m.put("objectives", String.join(",", objectives));
        m.put("training.steps", orDefault(training.steps));
        m.put("training.batchSize", orDefault(training.batchSize));
        m.put("training.learningRate", orDefault(training.learningRate));
        m.put("training.weightDecay", orDefault(training.weightDecay));
        m.put("training.strategy", training.strategy == null ? "default" : training.strategy.text());
        m.put("training.flip", training.flip == null ? "default" : training.flip.toString());
        RegularizationKeys.settings(training, m);
        m.put("training.quantization", training.quantization == null ? "default" : training.quantization.text());
        m.put("profile.networks", Integer.toString(measuredNetworks));
        if (samples != null) {
            m.put("profile.samples", samples.toString());
        }
        if (memoryNetworks != null) {
            m.put("profile.memory", memoryNetworks.toString());
        }
        if (predictor != PredictorKind.FAST) {
            m.put("profile.predictor", predictor.text());
        }
        if (features != FeatureKind.GRAPH) {
            m.put("profile.features", features.text());
        }
        m.put("profile.accuracies", Integer.toString(sampledNetworks));
        if (accuracyImages != null) {
            m.put("profile.accuracyImages", accuracyImages.toString());
        }
        m.put("search.evaluations", Integer.toString(evaluations));
        m.put("search.population", Integer.toString(population));
        method.putSettings(m);
        m.put("front.size", Integer.toString(frontSize));
        return m;
    }

    private static String orDefault(@Nullable Number n) {
        return n == null ? "default" : n.toString();
    }
}
