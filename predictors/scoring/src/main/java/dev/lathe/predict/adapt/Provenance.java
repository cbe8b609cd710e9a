package dev.lathe.predict.adapt;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What made a predictor.
 *
 * @param trainer who made it, for example {@code transfer}
 * @param dataSha256 checksum of the table it was fitted to, {@link LatencyTable#sha256}
 * @param devices devices of that table
 * @param architectures its number of rows
 * @param parameters the trainer's settings
 * @param seed the trainer's seed
 * @param versions of Java and the libraries
 */
public record Provenance(
        String trainer,
        String dataSha256,
        List<String> devices,
        int architectures,
        SortedMap<String, String> parameters,
        long seed,
        SortedMap<String, String> versions) {
    public Provenance {
        devices = List.copyOf(devices);
        parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
        versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
    }
}
