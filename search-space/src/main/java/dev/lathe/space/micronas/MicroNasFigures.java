package dev.lathe.space.micronas;

import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.Graph;
import dev.lathe.graph.Node;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Shape;
import dev.lathe.space.Architecture;
import dev.lathe.space.Comparison;
import dev.lathe.space.Decision;
import dev.lathe.space.TaskShape;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * What is published of MicroNAS' networks and can be checked without training, beside the networks that Lathe makes for the
 * windows of UCI HAR: how far the cells reduce time and sensors, and how wide they are. The published accuracies need
 * training, and the latencies the authors' devices.
 */
public final class MicroNasFigures {
    /** In the folder of data. */
    static final String FILE = "uci-har/train_x.npy.gz";

    private static final Pattern SHAPE = Pattern.compile("'shape': \\(([0-9]{1,9}), ([0-9]{1,4}), ([0-9]{1,4})\\)");
    /** Magic number and version 1.0, then the header's length in two bytes, the lower first. */
    private static final byte[] NPY = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

    private MicroNasFigures() {}

    /**
     * Compares the structure of the networks for the windows of UCI HAR.
     *
     * @param data folder of data sets, which holds {@value #FILE}
     * @throws InvalidInputException if the file is missing or no array of windows
     */
    public static List<Comparison> compare(Path data) {
        int[] window = window(data.resolve(FILE));
        MicroNasSpace space =
                new MicroNasSpace(new TaskShape(1, window[1], window[0], MicroNasSpace.UCI_HAR.classes()));
        Graph largest = space.lower(space.largest());
        List<Comparison> result = new ArrayList<>();
        result.add(reduction("steps", "time", 1, MicroNasSpace.TIME_LIMIT, largest));
        result.add(reduction("sensors", "fusion", 2, MicroNasSpace.SENSOR_LIMIT, largest));
        result.add(widths(space, "time-reduce", "time", "16 channels at most, in steps of 4", 4, 16));
        result.add(widths(space, "sensor-fusion", "fusion", "64 channels at most, in steps of 8", 8, 64));
        result.add(optionalCells(space));
        return List.copyOf(result);
    }

    /** How the cells of one kind shorten an axis, read off the graph: no further than until it is below the limit. */
    private static Comparison reduction(String what, String cells, int axis, int limit, Graph graph) {
        List<Integer> lengths = new ArrayList<>();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Operator.Conv2d && node.name().startsWith(cells)) {
                int before = node.inputs().get(0).shape().extent(axis);
                int after = node.output().shape().extent(axis);
                if (lengths.isEmpty()) {
                    lengths.add(before);
                }
                if (after != lengths.get(lengths.size() - 1)) {
                    lengths.add(after);
                }
            }
        }
        int last = lengths.get(lengths.size() - 1);
        boolean agrees = last < limit;
        for (int i = 1; i < lengths.size(); i++) {
            int before = lengths.get(i - 1);
            agrees &= lengths.get(i) == (before + 1) / 2 && (i == 1 || before >= limit);
        }
        return new Comparison(
                "MicroNAS cells that halve the " + what + " of UCI HAR",
                "until below " + limit + ", at least one",
                lengths.size() - 1 + ": " + lengths,
                "below the limit after the last, not before",
                agrees);
    }

    /** The channels of every network that differs from the largest in one decision. */
    private static Comparison widths(
            MicroNasSpace space, String what, String cells, String theirs, int step, int most) {
        Set<Integer> seen = new TreeSet<>();
        List<Decision> decisions = space.decisions();
        for (int i = 0; i < decisions.size(); i++) {
            for (int choice = 0; choice < decisions.get(i).size(); choice++) {
                int[] c = space.largest().choices();
                c[i] = choice;
                for (Node node :
                        space.lower(Architecture.of(MicroNasSpace.NAME, c)).nodes()) {
                    if (node.op() instanceof Operator.Conv2d && node.name().startsWith(cells)) {
                        Shape y = node.output().shape();
                        seen.add(y.extent(0));
                    }
                }
            }
        }
        Set<Integer> expected = new TreeSet<>();
        for (int c = step; c <= most; c += step) {
            expected.add(c);
        }
        return new Comparison(
                "MicroNAS widths of " + what + " cells", theirs, seen.toString(), "equal", seen.equals(expected));
    }

    /** Counted as the cells that the largest network has more than the smallest, which skips all it may. */
    private static Comparison optionalCells(MicroNasSpace space) {
        long all = residuals(space.lower(space.largest()));
        long least = residuals(space.lower(space.smallest()));
        return new Comparison(
                "MicroNAS cells after each sensor-fusion cell that may be skipped",
                "2",
                "%d after %d cells".formatted(all - least, least),
                "2 after each",
                all - least == 2 * least);
    }

    private static long residuals(Graph graph) {
        return graph.nodes().stream()
                .filter(n -> n.name().endsWith(".residual"))
                .count();
    }

    /** Sensors and steps of the windows in an NPY file of (windows, sensors, steps). */
    private static int[] window(Path file) {
        try (DataInputStream in = new DataInputStream(new GZIPInputStream(Files.newInputStream(file)))) {
            byte[] magic = in.readNBytes(NPY.length);
            int length = in.readUnsignedByte() + 256 * in.readUnsignedByte();
            String header = new String(in.readNBytes(length), StandardCharsets.US_ASCII);
            Matcher shape = SHAPE.matcher(header);
            if (Arrays.equals(magic, NPY) && shape.find()) {
                return new int[] {Integer.parseInt(shape.group(2)), Integer.parseInt(shape.group(3))};
            }
        } catch (IOException e) {
            throw new InvalidInputException("cannot read %s (%s); give the folder of data sets".formatted(file, e), e);
        }
        throw new InvalidInputException(
                "%s is no NPY array of (windows, sensors, steps); fetch the file again".formatted(file));
    }
}
