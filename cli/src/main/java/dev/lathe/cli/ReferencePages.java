package dev.lathe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.Json;
import dev.lathe.device.DeviceFile;
import dev.lathe.device.MeasurementTable;
import dev.lathe.device.MemoryTable;
import dev.lathe.evolve.DecisionLog;
import dev.lathe.predict.ArchitectureScorer;
import dev.lathe.results.FirmwareCard;
import dev.lathe.results.ModelCard;
import dev.lathe.results.RunManifest;
import dev.lathe.results.RunProgress;
import dev.lathe.results.TranslatorCard;
import dev.lathe.space.custom.SpaceFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The pages of docs/reference, made from what the program itself goes by: options, schemas, headers and records. */
final class ReferencePages {
    private static final String NOTE = "<!-- Written by `lathe docs`; a test compares it with the code. -->\n";
    private static final int WIDTH = 110;

    private ReferencePages() {}

    /** Every page by its file name. */
    static Map<String, String> all() {
        Map<String, String> pages = new LinkedHashMap<>();
        pages.put("README.md", index());
        pages.put("command-line.md", commandLine());
        pages.put(
                "experiment.md",
                schema(
                        "Experiment files",
                        "`lathe run FILE.yaml` takes one; every key also goes on the command line as `--set"
                                + " KEY=VALUE`, for example `--set training.steps=500`. Keys that are left out have the"
                                + " built-in experiment's values; where the default is empty here, it depends on space and"
                                + " data. A file that names no budget has none. The built-in experiment is in the"
                                + " [README](../../README.md#your-own-task).",
                        "experiment.schema.json",
                        experimentSchema()));
        pages.put(
                "device.md",
                schema(
                        "Device files",
                        "`--device FILE.yaml` takes one. [How devices are measured](../devices.md) has an example and"
                                + " explains the protocol.",
                        "device.schema.json",
                        DeviceFile.schema()));
        pages.put(
                "space.md",
                schema(
                        "Space files",
                        "`--space FILE.yaml` takes one. [Your own search space](../custom-spaces.md) explains the"
                                + " language by examples.",
                        "space.schema.json",
                        SpaceFile.schema()));
        pages.put("experiment.schema.json", experimentSchema());
        pages.put("device.schema.json", DeviceFile.schema());
        pages.put("space.schema.json", SpaceFile.schema());
        pages.put("file-formats.md", fileFormats());
        return pages;
    }

    /** The JSON Schema (draft 2020-12) of experiment files. */
    static String experimentSchema() {
        try (InputStream in = ReferencePages.class.getResourceAsStream("experiment.schema.json")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String index() {
        return """
            %s
            # Reference

            | page | what it lists |
            | --- | --- |
            | [command-line.md](command-line.md) | every command with its options |
            | [experiment.md](experiment.md) | the keys of an experiment |
            | [device.md](device.md) | the keys of a device |
            | [space.md](space.md) | the keys and layers of a search space |
            | [file-formats.md](file-formats.md) | what a run leaves |

            The three `.schema.json` files are the JSON Schemas (draft 2020-12) of the YAML files, for editors.
            """.formatted(NOTE);
    }

    private static String commandLine() {
        StringBuilder page = new StringBuilder(NOTE).append("\n# Command line\n\n");
        page.append(
                "Exit codes of all commands: 0 done, 1 failed or fell short of a bar, 2 bad input, 130 interrupted.\n");
        commands(Main.commandLine(), page);
        return page.toString();
    }

    private static void commands(CommandLine line, StringBuilder page) {
        line.setUsageHelpWidth(WIDTH);
        page.append("\n## ").append(line.getCommandSpec().qualifiedName(" ")).append("\n\n```text\n");
        line.getUsageMessage(Ansi.OFF)
                .lines()
                .forEach(l -> page.append(l.stripTrailing()).append('\n'));
        page.append("```\n");
        for (CommandLine sub : line.getSubcommands().values()) {
            if (!(sub.getCommand() instanceof CommandLine.HelpCommand)) {
                commands(sub, page);
            }
        }
    }

    private static String schema(String title, String lead, String file, String schema) {
        try {
            JsonNode root = Json.json().readTree(schema);
            return "%s\n# %s\n\n%s\n\nThe same as a JSON Schema: [%s](%s).\n\n".formatted(NOTE, title, lead, file, file)
                    + SchemaTable.of(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String fileFormats() {
        StringBuilder page = new StringBuilder(NOTE).append("""

            # File formats

            All files are UTF-8. Latencies are in milliseconds, memory in bytes, accuracies in 0..1; the unit stands in the name. An architecture is
            written `SPACE:0-1-2`: the index of the choice of each decision, in the order of `lathe spaces show SPACE`.

            ## Tables

            Comma-separated, one header line, no quotes. Numbers read back bit for bit.

            | file | header | rows |
            | --- | --- | --- |
            """);
        table(
                page,
                "measurements.csv",
                MeasurementTable.HEADER,
                "a network measured on the device; the file only grows");
        table(
                page,
                "memory.csv",
                MemoryTable.HEADER,
                "a network whose memory was seen while it ran, every repetition; the file only grows");
        table(
                page,
                "accuracies.csv",
                InheritedScores.HEADER,
                "a subnet scored on validation images; the file only grows");
        table(
                page,
                "evaluations.csv",
                "index,architecture,METRIC,...,check",
                "an evaluation of the search; `check` is the CRC-32C of all rows up to this one");
        table(
                page,
                "decisions.csv",
                DecisionLog.HEADER,
                "a batch that `linas` or `expected-gain` chose, with what its resumption needs; a damaged row is"
                        + " computed again");
        table(page, "front.csv", "architecture,METRIC,...", "a network of the Pareto front, by the values");
        table(
                page,
                InheritedLosses.FILE,
                InheritedLosses.HEADER,
                "a translator scored on validation sentences; the file only grows");
        page.append("\nMETRIC is one of the search's metrics: `%s`; `%s` of translators.\n"
                .formatted(String.join("`, `", ArchitectureScorer.METRICS), TranslatorSearchStep.LOSS));
        record(page, RunManifest.FILE, "What was asked, and by what it was done.", RunManifest.class);
        record(page, RunProgress.FILE, "How far a run has come, for people and `lathe board`.", RunProgress.class);
        record(page, "search.json", "What the search was and found, besides the front.", SearchSummary.class);
        record(page, "export/net-NN.json", "The card of an exported network.", ModelCard.class);
        record(page, "export/NAME.json", "The card of an exported translator.", TranslatorCard.class);
        record(page, "export/c/net_NN/card.json", "The card of a network exported as C.", FirmwareCard.class);
        page.append("""

            ## Other files

            | file | format |
            | --- | --- |
            | `supernet/` | the checkpoint: shared parameters, optimizer state and step, written whole or not at all |
            | `predictors/` | H2O MOJO files, or JSON of a small network in their place, and where each comes from; `memory.json`: the correction of planned memory |
            | `few-shot/latency.json` | a device's predictor from a few measurements (`lathe profile --samples`) |
            | `export/net-NN.onnx`, `.safetensors` | the network, and its weights alone ([what an export holds](../exports-and-pages.md)) |
            | `export/SHA256SUMS` | checksums, as `sha256sum` writes them |
            | `report.html`, `blocks.html`, `compare.html` | pages that need nothing besides themselves |
            """);
        return page.toString();
    }

    private static void table(StringBuilder page, String file, String header, String rows) {
        page.append("| `%s` | `%s` | %s |\n".formatted(file, header, rows));
    }

    private static void record(StringBuilder page, String file, String what, Class<? extends Record> type) {
        page.append("\n## %s\n\n%s\n\n| key | value |\n| --- | --- |\n".formatted(file, what));
        components(page, type, "");
    }

    private static void components(StringBuilder page, Class<?> type, String prefix) {
        for (RecordComponent c : type.getRecordComponents()) {
            List<Class<?>> inner = new ArrayList<>();
            page.append("| `%s%s` | %s |\n".formatted(prefix, c.getName(), words(c.getGenericType(), inner)));
            for (Class<?> i : inner) {
                components(page, i, prefix + c.getName() + ".");
            }
        }
    }

    /** A type in words; records within it are put into {@code inner}. */
    private static String words(Type type, List<Class<?>> inner) {
        if (type instanceof ParameterizedType p) {
            List<String> of = new ArrayList<>();
            for (Type t : p.getActualTypeArguments()) {
                of.add(words(t, inner));
            }
            Class<?> raw = (Class<?>) p.getRawType();
            return Map.class.isAssignableFrom(raw) ? "by name: " + of.get(of.size() - 1) : "list of " + of.get(0);
        }
        if (type instanceof Class<?> c) {
            if (c.isRecord()) {
                inner.add(c);
                return "keys";
            }
            if (c.isEnum()) {
                return "one of a few words";
            }
            if (c.isArray()) {
                return "list of " + words(c.getComponentType(), inner);
            }
            return switch (c.getSimpleName()) {
                case "int", "long", "Integer", "Long" -> "whole number";
                case "double", "Double" -> "number";
                case "boolean", "Boolean" -> "true or false";
                default -> "text";
            };
        }
        return "text";
    }
}
