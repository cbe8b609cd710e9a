package dev.lathe.space.spaceevo;

import dev.lathe.space.Comparison;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The published figures of SpaceEvo beside Lathe's: numbers of search spaces; costs of 342,000 stage instances; latencies of
 * those whose blocks are in the published block table; the released spaces and networks.
 *
 * @see <a href="https://arxiv.org/abs/2303.08308">Wang et al., SpaceEvo, ICCV 2023</a>
 */
public final class SpaceEvoTables {
    private SpaceEvoTables() {}

    /**
     * Compares all rows of all files.
     *
     * @param data folder that holds {@code spaceevo/}
     * @throws dev.lathe.base.InvalidInputException naming file and line if a file is missing or malformed
     */
    public static List<Comparison> compare(Path data) {
        Path folder = data.resolve("spaceevo");
        VnniBlockTable blocks = VnniBlockTable.read(folder);
        List<Comparison> all = new ArrayList<>();
        all.add(spaces(Hyperspace.MOBILEW, BigInteger.valueOf(7).pow(6).multiply(BigInteger.valueOf(10_080))));
        all.add(spaces(Hyperspace.ONNXW, BigInteger.valueOf(6).pow(6).multiply(BigInteger.valueOf(2_048))));
        for (Hyperspace h : Hyperspace.values()) {
            all.addAll(StageComparison.of(folder, h, blocks));
        }
        all.add(stemAndHead(blocks, 224, "2.801"));
        all.add(stemAndHead(blocks, 192, "2.277"));
        all.add(stemAndHead(blocks, 160, "1.751"));
        all.addAll(ReleasedNetworks.compare(folder.resolve("search_result.yaml")));
        return all;
    }

    private static Comparison spaces(Hyperspace h, BigInteger theirs) {
        return new Comparison(
                h.id() + ": search spaces", theirs.toString(), h.size().toString(), "equal", theirs.equals(h.size()));
    }

    /** The head's input is 320 wide, the least that the table has. */
    private static Comparison stemAndHead(VnniBlockTable blocks, int resolution, String theirs) {
        String ours = blocks.stemAndHeadMs(resolution, 320).stream()
                .mapToObj(ms -> String.format(Locale.ROOT, "%.3f", ms))
                .findFirst()
                .orElse("not in the table");
        return new Comparison(
                "onnxw: milliseconds of stem and head at %d pixels".formatted(resolution),
                theirs,
                ours,
                "equal to 3 decimals",
                theirs.equals(ours));
    }
}
