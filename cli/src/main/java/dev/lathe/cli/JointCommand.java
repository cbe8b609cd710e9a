package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.evolve.Evaluation;
import dev.lathe.evolve.Objective;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Searches networks and training recipes together. */
@Command(
        name = "joint",
        mixinStandardHelpOptions = true,
        description = {
            "Searches networks and training recipes together, by training each network alone, under the experiment's"
                    + " budgets.",
            "Prints the front: networks, recipes, top-1 on the validation part. Needs no supernet; for tasks that"
                    + " train in seconds."
        },
        footer = {
            "",
            "Measures the device first where a budget or an objective is latency. Killed, it goes on after the last"
                    + " training.",
            "Examples:",
            "  lathe joint --out results/joint",
            "  lathe joint --space vit-tiny --networks 60 --steps 1500 --out results/vit-joint --json",
            "  lathe joint --recipe fixed --out results/joint     the same with the experiment's own recipe alone"
        })
final class JointCommand extends StepCommand {
    private static final int FEWEST = 8;

    @Option(
            names = "--networks",
            paramLabel = "N",
            description = "Networks to train, those trained before included (default: ${DEFAULT-VALUE}).")
    int networks = 40;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description =
                    "Steps of each training (default: ${DEFAULT-VALUE}); another number is another search, in a folder"
                            + " of its own.")
    int steps = 600;

    @Option(
            names = "--recipe",
            paramLabel = "KIND",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    RecipeGrid recipe = RecipeGrid.JOINT;

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    @Override
    boolean continues() {
        return true;
    }

    @Override
    int work(Workbench w) throws IOException {
        if (networks < FEWEST || networks > 10_000) {
            throw new InvalidInputException(
                    "--networks is %d; give %d to 10000: the first six are random".formatted(networks, FEWEST));
        }
        ProfileCommand.profile(w);
        JointStep.Outcome o = JointStep.run(w, networks, steps, recipe);
        w.say("");
        System.out.print(json ? Json.json().writeValueAsString(json(o)) + "\n" : text(w, o));
        return 0;
    }

    /** The most accurate first. */
    private static List<Evaluation> front(JointStep.Outcome o) {
        List<Evaluation> front = new ArrayList<>(o.result().front());
        front.sort(Collections.reverseOrder(Comparator.comparingDouble(e -> e.value(0))));
        return front;
    }

    private static String text(Workbench w, JointStep.Outcome o) {
        List<String> metrics = o.problem().objectives().stream()
                .map(Objective::metric)
                .distinct()
                .toList();
        List<String> header = new ArrayList<>(List.of("network"));
        header.addAll(metrics);
        header.add("recipe");
        Table t = new Table(header.toArray(String[]::new));
        for (Evaluation e : front(o)) {
            List<String> cells =
                    new ArrayList<>(List.of(o.space().network(e.architecture()).toString()));
            metrics.forEach(m ->
                    cells.add(Quantities.show(m, e.value(o.problem().metrics().indexOf(m)))));
            cells.add(shown(o.space().recipe(e.architecture())));
            t.row(cells.toArray(String[]::new));
        }
        return t
                + "hypervolume %.4f after %d trainings, of %,d networks with %s recipes; top-1 on the %d validation images; rows: %s%n"
                        .formatted(
                                o.result().hypervolume(),
                                o.result().evaluations(),
                                w.space().size(),
                                o.space().size().divide(w.space().size()),
                                w.data().validation().size(),
                                o.folder().resolve(JointStep.LOG));
    }

    private static String shown(Map<String, Double> recipe) {
        return recipe.entrySet().stream()
                .map(e -> "%s %s".formatted(e.getKey(), Double.toString(e.getValue())))
                .collect(Collectors.joining(", "));
    }

    private static ObjectNode json(JointStep.Outcome o) {
        ObjectNode all = Json.json().createObjectNode();
        all.put("trainings", o.result().evaluations())
                .put("hypervolume", o.result().hypervolume());
        ArrayNode list = all.putArray("front");
        for (Evaluation e : front(o)) {
            ObjectNode row = list.addObject()
                    .put("architecture", o.space().network(e.architecture()).toString());
            List<String> metrics = o.problem().metrics();
            for (int i = 0; i < metrics.size(); i++) {
                row.put(metrics.get(i), e.value(i));
            }
            ObjectNode recipe = row.putObject("recipe");
            o.space().recipe(e.architecture()).forEach(recipe::put);
        }
        return all;
    }
}
