package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.evolve.bits.BitAllocation;
import dev.lathe.evolve.bits.LayerOptions;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Chooses bit widths of layers from a table of what each width loses and costs. */
@Command(
        name = "bits",
        mixinStandardHelpOptions = true,
        description = {
            "Chooses a bit width for each layer so that the sum of sensitivities is least and the sums of costs are within limits:",
            "an integer linear program (OHQ). The table has a row for each layer and width: layer,bits,sensitivity, then any costs."
        },
        footer = {
            "",
            "Example:",
            "  lathe bits layers.csv --limit bytes=65536 --limit latencyMs=2",
            "with layers.csv as",
            "  layer,bits,sensitivity,bytes,latencyMs",
            "  stem,4,0.021,432,0.10",
            "  stem,8,0.002,864,0.14"
        })
final class BitsCommand implements Callable<Integer> {
    private static final List<String> FIRST = List.of("layer", "bits", "sensitivity");
    private static final long MOST_BYTES = 1 << 24;

    @Parameters(paramLabel = "TABLE", description = "CSV file of layers and widths.")
    Path table = Path.of("");

    @Option(
            names = "--limit",
            paramLabel = "COST=MOST",
            description =
                    "The most that the layers' costs may sum up to, in the table's unit; may be given several times.")
    Map<String, Double> limits = new LinkedHashMap<>();

    @Option(
            names = "--weight",
            paramLabel = "COST=WEIGHT",
            description = "Sensitivity that a unit of the cost is worth, besides limits (default: 0).")
    Map<String, Double> weights = new LinkedHashMap<>();

    @Option(names = "--json", description = "Print one JSON document.")
    boolean json;

    @Override
    public Integer call() throws IOException {
        List<String> lines = lines();
        List<String> columns = List.of(lines.get(0).split(",", -1));
        if (columns.size() < FIRST.size() || !columns.subList(0, FIRST.size()).equals(FIRST)) {
            throw new InvalidInputException(
                    "%s begins with '%s'; its first line must be layer,bits,sensitivity and costs"
                            .formatted(table, Names.shown(lines.get(0))));
        }
        List<String> costs = columns.subList(FIRST.size(), columns.size());
        List.of(limits, weights)
                .forEach(m -> m.keySet().forEach(k -> {
                    if (!costs.contains(k)) {
                        throw InvalidInputException.unknown("cost", k, costs);
                    }
                }));
        List<LayerOptions> layers = layers(lines, columns.size());
        BitAllocation a = BitAllocation.solve(
                layers,
                costs.stream()
                        .map(c -> new BitAllocation.Limit(
                                c, limits.getOrDefault(c, Double.POSITIVE_INFINITY), weights.getOrDefault(c, 0.0)))
                        .toList());
        if (json) {
            ObjectNode o = Json.json().createObjectNode();
            ObjectNode bits = o.putObject("bits");
            for (int i = 0; i < layers.size(); i++) {
                bits.put(layers.get(i).layer(), a.bits().get(i));
            }
            o.put("sensitivity", a.sensitivity());
            ObjectNode sums = o.putObject("costs");
            for (int c = 0; c < costs.size(); c++) {
                sums.put(costs.get(c), a.costs().get(c));
            }
            o.put("objective", a.objective()).put("bound", a.bound());
            System.out.println(Json.json().writeValueAsString(o));
        } else {
            Table t = new Table("layer", "bits");
            for (int i = 0; i < layers.size(); i++) {
                t.row(layers.get(i).layer(), Integer.toString(a.bits().get(i)));
            }
            System.out.print(t);
            System.out.printf("sensitivity %s (no widths can be below %s)%n", a.sensitivity(), a.bound());
            for (int c = 0; c < costs.size(); c++) {
                Double most = limits.get(costs.get(c));
                System.out.printf(
                        "%s %s%s%n", costs.get(c), a.costs().get(c), most == null ? "" : " of " + most + " allowed");
            }
        }
        return 0;
    }

    private List<String> lines() throws IOException {
        if (!Files.isRegularFile(table)) {
            throw new InvalidInputException("%s is no file; give a CSV table of layers and widths".formatted(table));
        }
        if (Files.size(table) > MOST_BYTES) {
            throw new InvalidInputException(
                    "%s is larger than 16 MiB; give a table of layers and widths".formatted(table));
        }
        List<String> lines;
        try {
            lines = Files.readAllLines(table);
        } catch (CharacterCodingException e) {
            throw new InvalidInputException("%s is no text; give a CSV table of layers and widths".formatted(table), e);
        }
        if (lines.isEmpty()) {
            throw new InvalidInputException("%s is empty; give a CSV table of layers and widths".formatted(table));
        }
        return lines;
    }

    private List<LayerOptions> layers(List<String> lines, int columns) {
        Map<String, List<LayerOptions.Option>> options = new LinkedHashMap<>();
        for (int i = 1; i < lines.size(); i++) {
            if (lines.get(i).isBlank()) {
                continue;
            }
            String[] cells = lines.get(i).split(",", -1);
            try {
                if (cells.length != columns) {
                    throw new InvalidInputException("it has %d columns, expected %d".formatted(cells.length, columns));
                }
                List<Double> costs = new ArrayList<>();
                for (int c = FIRST.size(); c < columns; c++) {
                    costs.add(Double.valueOf(cells[c].strip()));
                }
                options.computeIfAbsent(cells[0].strip(), k -> new ArrayList<>())
                        .add(new LayerOptions.Option(
                                Integer.parseInt(cells[1].strip()), Double.parseDouble(cells[2].strip()), costs));
            } catch (NumberFormatException | InvalidInputException e) {
                throw new InvalidInputException(
                        "%s, line %d: %s; mend it".formatted(table, i + 1, Names.shown(String.valueOf(e.getMessage()))),
                        e);
            }
        }
        return options.entrySet().stream()
                .map(e -> new LayerOptions(e.getKey(), e.getValue()))
                .toList();
    }
}
