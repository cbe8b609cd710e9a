package dev.lathe.cli;

import dev.lathe.base.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is asked for: an experiment file and overrides of single settings. */
final class ExperimentOptions {
    @Parameters(
            arity = "0..1",
            paramLabel = "EXPERIMENT.yaml",
            description = "The experiment (default: the built-in one).")
    @Nullable
    Path file;

    @Option(
            names = "--space",
            paramLabel = "NAME",
            description = "Search space (lathe spaces lists them), or a YAML file that describes one.")
    @Nullable
    String space;

    @Option(
            names = "--data",
            paramLabel = "DATA",
            description =
                    "digits (embedded), uci-digits:DIR (the full UCI split), uci-har:DIR (six activities), multi30k:DIR or parallel:SOURCE,TARGET (sentences, for translators), a folder or ZIP of images (CLASS/file.png or .jpg), a folder of IDX files, or of NPY windows.")
    @Nullable
    String data;

    @Option(names = "--image-size", paramLabel = "PIXELS", description = "Side to which images are scaled.")
    @Nullable
    Integer imageSize;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "Device (lathe devices lists them), or a YAML file that describes one.")
    @Nullable
    String device;

    @Option(names = "--seed", description = "Seed of all randomness.")
    @Nullable
    Long seed;

    @Option(
            names = "--budget",
            paramLabel = "NAME=LIMIT",
            description =
                    "A hard budget, repeatable: latency, peakActivation, macs, parameters, memory (of the running network), on microcontrollers peakSram and flash; for"
                            + " example latency='80 us', peakActivation='16 KiB', or pNN for what the best NN %% of random networks meet.")
    List<String> budgets = new ArrayList<>();

    @Option(
            names = "--warm-start",
            paramLabel = "DIR",
            description = "Start the search from the front of another run of the same space.")
    @Nullable
    String warmStart;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any other setting of the experiment, for example training.steps=500.")
    List<String> settings = new ArrayList<>();

    Experiment experiment() {
        return Experiment.read(file, overrides());
    }

    boolean isGiven() {
        return file != null || !overrides().isEmpty();
    }

    private List<String> overrides() {
        List<String> all = new ArrayList<>();
        Map<String, @Nullable Object> simple = new LinkedHashMap<>();
        simple.put("space", space);
        simple.put("data", data);
        simple.put("imageSize", imageSize);
        simple.put("device", device);
        simple.put("seed", seed);
        simple.put("search.warmStart", warmStart);
        simple.forEach((k, v) -> {
            if (v != null) {
                all.add(k + "=" + quoted(v));
            }
        });
        for (String b : budgets) {
            int equals = b.indexOf('=');
            if (equals <= 0) {
                throw new InvalidInputException(
                        "--budget '%s' is not of the form NAME=LIMIT, for example latency=p30".formatted(b));
            }
            all.add("budget." + b.substring(0, equals) + "=" + quoted(b.substring(equals + 1)));
        }
        all.addAll(settings);
        return all;
    }

    /** As a YAML text of one line, whatever the characters; numbers stay numbers. */
    private static String quoted(Object value) {
        return value instanceof Number
                ? value.toString()
                : "'" + value.toString().replace("'", "''") + "'";
    }
}
