package dev.lathe.space.ofa;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.Architecture;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Subnets of once-for-all's MobileNetV3 supernet (width 1.0, 224 pixels) that were measured on ImageNet, one a line of a
 * gzipped CSV file. Depths, kernels and expansions are numbers joined by hyphens; kernels and expansions of blocks beyond the
 * depth are there and are dropped.
 */
public final class OfaReplay {
    private static final String HEADER = "id,depths,kernels,expands,macs,params,top1_percent,measurements";
    private static final int RESOLUTION = 224;
    private static final int LONGEST_LINE = 1000;

    private OfaReplay() {}

    /**
     * One measured subnet.
     *
     * @param id number within the file
     * @param architecture in its canonical form
     * @param macs multiply-accumulates of one image
     * @param parameters trained values
     * @param top1 accuracy on ImageNet's validation images with inherited weights, 0 to 1, the mean of the measurements
     * @param measurements how often it was measured
     */
    public record Row(int id, Architecture architecture, long macs, long parameters, double top1, int measurements) {}

    /**
     * @param file {@code ofa_mbv3_w10_imagenet.csv.gz}
     * @param space once-for-all's MobileNetV3 space for images of 224 pixels
     * @throws InvalidInputException naming file and line of the first row that is not of this form
     */
    public static List<Row> read(Path file, OfaMobileSpace space) {
        List<Row> rows = new ArrayList<>();
        OfaMobileText text = new OfaMobileText(space);
        try (BufferedReader lines = open(file)) {
            String header = lines.readLine();
            if (!HEADER.equals(header)) {
                throw malformed(
                        file, 1, "the header is %s, not '%s'".formatted(HEADER, Names.shown(String.valueOf(header))));
            }
            int number = 1;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                rows.add(row(file, ++number, line, text));
            }
        } catch (IOException e) {
            throw new InvalidInputException("cannot read %s: %s".formatted(file, e.getMessage()), e);
        }
        return List.copyOf(rows);
    }

    /**
     * The subnets that one search measured, in its order.
     *
     * @param file {@code search_logs.csv.gz}
     * @param run name of the search, for example {@code linasnsga2_acc_macs}
     * @return ids of rows; a subnet that was measured again is there again
     * @throws InvalidInputException if a line is not of the form {@code run,order,id}, or the search has none
     */
    public static List<Integer> log(Path file, String run) {
        List<Integer> ids = new ArrayList<>();
        try (BufferedReader lines = open(file)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                boolean isHeader = number == 1;
                if (!line.matches(isHeader ? "run,order,id" : "[a-z0-9_]{1,60},[0-9]{1,6},[0-9]{1,6}")) {
                    throw malformed(file, number, "'%s' is not of the form run,order,id".formatted(Names.shown(line)));
                }
                String[] cells = line.split(",", -1);
                if (!isHeader && cells[0].equals(run)) {
                    if (Integer.parseInt(cells[1]) != ids.size()) {
                        throw malformed(file, number, "measurement %d of %s is expected".formatted(ids.size(), run));
                    }
                    ids.add(Integer.parseInt(cells[2]));
                }
            }
        } catch (IOException e) {
            throw new InvalidInputException("cannot read %s: %s".formatted(file, e.getMessage()), e);
        }
        if (ids.isEmpty()) {
            throw new InvalidInputException("%s has no search '%s'; take one of evonsga2_acc_macs, linasnsga2_acc_macs"
                    .formatted(file, Names.shown(run)));
        }
        return List.copyOf(ids);
    }

    private static BufferedReader open(Path file) throws IOException {
        InputStream in = Files.newInputStream(file);
        try {
            return new BufferedReader(new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8));
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private static Row row(Path file, int number, String line, OfaMobileText text) {
        String[] cells = line.length() > LONGEST_LINE ? new String[0] : line.split(",", -1);
        if (cells.length != HEADER.split(",", -1).length) {
            throw malformed(file, number, "a row has the cells %s, not '%s'".formatted(HEADER, Names.shown(line)));
        }
        Row row;
        try {
            Architecture a = text.parse("{\"ks\": [%s], \"e\": [%s], \"d\": [%s], \"r\": %d}"
                    .formatted(list(cells[2]), list(cells[3]), list(cells[1]), RESOLUTION));
            row = new Row(
                    Integer.parseInt(cells[0]),
                    a,
                    Long.parseLong(cells[4]),
                    Long.parseLong(cells[5]),
                    Double.parseDouble(cells[6]) / 100,
                    Integer.parseInt(cells[7]));
        } catch (NumberFormatException e) {
            throw malformed(file, number, "'%s' has a cell that is no number".formatted(Names.shown(line)));
        } catch (InvalidInputException e) {
            throw malformed(file, number, String.valueOf(e.getMessage()));
        }
        boolean inRange = row.id >= 0 && row.macs >= 1 && row.parameters >= 1 && row.measurements >= 1;
        if (!inRange || !(row.top1 >= 0 && row.top1 <= 1)) {
            throw malformed(file, number, "a number is out of range in '%s'".formatted(Names.shown(line)));
        }
        return row;
    }

    /** The numbers of {@code 3-5-7} as the members of a JSON list. */
    private static String list(String cell) {
        if (!cell.matches("[0-9]{1,3}(-[0-9]{1,3})*")) {
            throw new NumberFormatException(cell);
        }
        return cell.replace('-', ',');
    }

    private static InvalidInputException malformed(Path file, int line, String what) {
        return new InvalidInputException(
                "%s, line %d: %s; take the file as it was published".formatted(file, line, what));
    }
}
