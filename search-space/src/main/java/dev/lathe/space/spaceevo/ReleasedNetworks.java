package dev.lathe.space.spaceevo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.graph.CostModel;
import dev.lathe.space.Architecture;
import dev.lathe.space.Comparison;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The released search spaces and networks: what the published file says beside what Lathe makes of it. */
final class ReleasedNetworks {
    /**
     * A released network.
     *
     * @param space published name of its space
     * @param smallest whether it is said to be the smallest of its space
     * @param millionMacs published, to the nearest
     * @param millionParameters published, to a tenth
     */
    private record Network(String name, String space, boolean smallest, String millionMacs, String millionParameters) {}

    private static final String PIXEL4 = "spaceevo@pixel4";
    private static final String VNNI = "spaceevo@vnni";
    private static final List<String> SPACES =
            List.of(PIXEL4, "spaceevo@pixel4-tiny", "spaceevo@pixel4-medium", VNNI, "spaceevo@vnni-large");
    private static final List<Network> NETWORKS = List.of(
            new Network("SEQnet@pixel4-A0", PIXEL4, true, "113", "6.4"),
            new Network("SEQnet@pixel4-A1", PIXEL4, false, "274", "9.7"),
            new Network("SEQnet@pixel4-A2", PIXEL4, false, "399", "10.0"),
            new Network("SEQnet@pixel4-A3", PIXEL4, false, "591", "13.9"),
            new Network("SEQnet@pixel4-A4", PIXEL4, false, "738", "15.3"),
            new Network("SEQnet@vnni-A0", VNNI, true, "163", "7.8"),
            new Network("SEQnet@vnni-A1", VNNI, false, "358", "12.0"),
            new Network("SEQnet@vnni-A2", VNNI, false, "638", "14.5"),
            new Network("SEQnet@vnni-A3", VNNI, false, "982", "15.9"),
            new Network("SEQnet@vnni-A4", VNNI, false, "1383", "23.4"));

    private ReleasedNetworks() {}

    /** @throws InvalidInputException naming the file if it lacks a space or a network, or one is malformed */
    static List<Comparison> compare(Path file) {
        JsonNode root;
        try {
            root = Json.yaml().readTree(file.toFile());
        } catch (IOException e) {
            throw new InvalidInputException(
                    "%s cannot be read: %s"
                            .formatted(
                                    file,
                                    String.valueOf(e.getMessage())
                                            .lines()
                                            .findFirst()
                                            .orElse("")),
                    e);
        }
        List<Comparison> all = new ArrayList<>();
        JsonNode spaces = root.path("specific_supernet_encoding_dict");
        for (int i = 0; i < SPACES.size(); i++) {
            String theirs = text(spaces.path(SPACES.get(i)), SPACES.get(i), file);
            all.add(equal(
                    "released space " + SPACES.get(i),
                    theirs,
                    SpaceGenome.released().get(i).toText()));
        }
        int readBack = 0;
        int smallest = 0;
        int saidSmallest = 0;
        for (Network n : NETWORKS) {
            JsonNode entry = root.path("specific_subnet_encoding_dict").path(n.name());
            if (!text(entry.path(0), n.name(), file).equals(n.space())) {
                throw new InvalidInputException("%s: network %s is not of space %s; fetch the published file again"
                        .formatted(file, n.name(), n.space()));
            }
            SpaceEvoSpace space = new SpaceEvoSpace(
                    SpaceGenome.parse(text(spaces.path(n.space()), n.space(), file)), SpaceEvoSpace.IMAGENET);
            NetworkText form = new NetworkText(space);
            String text = text(entry.path(1), n.name(), file);
            Architecture a = form.parse(text);
            all.add(costs(n, CostModel.of(space.lower(a))));
            readBack += form.toText(a).equals(text) ? 1 : 0;
            saidSmallest += n.smallest() ? 1 : 0;
            smallest += n.smallest() && a.equals(space.smallest()) ? 1 : 0;
        }
        all.add(count("text forms of released networks, read and written", NETWORKS.size(), readBack));
        all.add(count("released networks that are the smallest of their space", saidSmallest, smallest));
        return all;
    }

    private static Comparison costs(Network n, CostModel.Cost cost) {
        return new Comparison(
                n.name() + ": MACs and parameters in millions",
                n.millionMacs() + ", " + n.millionParameters(),
                String.format(Locale.ROOT, "%.0f, %.1f", cost.macs() / 1e6, cost.parameters() / 1e6),
                "equal to the printed digits",
                n.millionMacs().equals(String.format(Locale.ROOT, "%.0f", cost.macs() / 1e6))
                        && n.millionParameters().equals(String.format(Locale.ROOT, "%.1f", cost.parameters() / 1e6)));
    }

    private static Comparison count(String what, int theirs, int ours) {
        return equal(what, theirs + " networks", ours + " networks");
    }

    private static Comparison equal(String what, String theirs, String ours) {
        return new Comparison(what, theirs, ours, "equal", theirs.equals(ours));
    }

    private static String text(JsonNode node, String name, Path file) {
        if (!node.isTextual()) {
            throw new InvalidInputException("%s: no text for %s; fetch the published file again".formatted(file, name));
        }
        return node.asText();
    }
}
