package dev.lathe.space.hat;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The networks that HAT's authors found and published, from {@code hat-latency/searched_subnets.csv}. */
final class SearchedSubnets {
    private static final String HEADER =
            "name,task,hardware,latency_ms,params_m,flops_g,bleu,sacrebleu,enc_embed,dec_embed,"
                    + "enc_layers,dec_layers,enc_ffn,dec_ffn,enc_heads,dec_self_heads,dec_cross_heads,dec_arbitrary,"
                    + "params_formula,flops_formula";
    private static final int COLUMNS = HEADER.split(",").length;

    /**
     * One published network.
     *
     * @param name of its file in the repository
     * @param task for example {@code WMT'14 En-De}
     * @param parametersM published parameters in millions, without embeddings and output layer
     * @param flopsG published FLOPs in 10^9, likewise
     * @param configuration its layers
     * @param parametersByFormula parameters by the closed formula that comes with the data
     * @param flopsByFormula FLOPs of matrix products by the closed formula
     */
    record Row(
            String name,
            String task,
            BigDecimal parametersM,
            BigDecimal flopsG,
            HatConfiguration configuration,
            long parametersByFormula,
            long flopsByFormula) {}

    private SearchedSubnets() {}

    /** @throws InvalidInputException if the file is missing or a row is malformed, naming file and line */
    static List<Row> read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (NoSuchFileException | MalformedInputException e) {
            throw new InvalidInputException(
                    "%s cannot be read as text; get HAT's searched networks".formatted(file), e);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
        if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
            throw new InvalidInputException("%s line 1: the header is '%s', expected '%s'"
                    .formatted(file, lines.isEmpty() ? "" : Names.shown(lines.get(0)), HEADER));
        }
        List<Row> rows = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            try {
                rows.add(row(lines.get(i).split(",", -1)));
            } catch (IllegalArgumentException e) {
                throw new InvalidInputException(
                        "%s line %d: %s".formatted(file, i + 1, Names.shown(String.valueOf(e.getMessage()))), e);
            }
        }
        return rows;
    }

    private static Row row(String[] cells) {
        if (cells.length != COLUMNS) {
            throw new IllegalArgumentException("%d columns, expected %d".formatted(cells.length, COLUMNS));
        }
        HatConfiguration c = new HatConfiguration(
                Integer.parseInt(cells[8]),
                list(cells[12]),
                list(cells[14]),
                Integer.parseInt(cells[9]),
                list(cells[13]),
                list(cells[15]),
                list(cells[16]),
                list(cells[17]).stream().map(SearchedSubnets::attended).toList());
        if (c.encoderLayers() != Integer.parseInt(cells[10]) || c.decoderLayers() != Integer.parseInt(cells[11])) {
            throw new IllegalArgumentException(
                    "the lists have %d and %d layers, enc_layers and dec_layers say %s and %s"
                            .formatted(c.encoderLayers(), c.decoderLayers(), cells[10], cells[11]));
        }
        return new Row(
                cells[0],
                cells[1],
                new BigDecimal(cells[4]),
                new BigDecimal(cells[5]),
                c,
                Long.parseLong(cells[18]),
                Long.parseLong(cells[19]));
    }

    private static int attended(int code) {
        int layers = HatConfiguration.attendedLayers(code);
        if (layers == 0) {
            throw new IllegalArgumentException("dec_arbitrary has %d, expected -1, 1 or 2".formatted(code));
        }
        return layers;
    }

    private static List<Integer> list(String cell) {
        List<Integer> values = new ArrayList<>();
        for (String s : cell.split(" ", -1)) {
            values.add(Integer.parseInt(s));
        }
        return values;
    }
}
