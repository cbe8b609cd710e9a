package dev.lathe.results;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.Objects;

/**
 * Where an exported network comes from and how to get it again. Immutable.
 *
 * @param run hash of the experiment, as in the run's {@code run.yaml}
 * @param experiment file beside the exported ones that asks for the same run
 * @param data where the data was, as the experiment says
 * @param dataSha256 checksum of all images and labels of its three parts
 * @param input what the network takes and gives
 * @param commands that make the network again, and that check it
 */
@JsonPropertyOrder({"run", "experiment", "data", "dataSha256", "input", "commands"})
public record Provenance(
        String run, String experiment, String data, String dataSha256, Input input, List<String> commands) {
    public Provenance {
        Objects.requireNonNull(run, "run");
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(dataSha256, "dataSha256");
        Objects.requireNonNull(input, "input");
        commands = List.copyOf(commands);
    }

    /**
     * What a classifier takes and gives.
     *
     * @param channels of an image
     * @param height in pixels
     * @param width in pixels
     * @param classes logits
     */
    @JsonPropertyOrder({"channels", "height", "width", "classes"})
    public record Input(int channels, int height, int width, int classes) {}
}
