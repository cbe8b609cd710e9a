package dev.lathe.cli;

import dev.lathe.space.Architecture;
import java.util.LinkedHashMap;
import java.util.Map;

/** What exported files say of themselves, by key. */
final class ExportMetadata {
    private ExportMetadata() {}

    /** Where a network comes from: all that a file of weights says. */
    static Map<String, String> origin(Workbench w, Architecture a) {
        return origin(w, a, w.data().train().name());
    }

    /** The same of data that may be no images. */
    static Map<String, String> origin(Workbench w, Architecture a, String data) {
        Map<String, String> m = new LinkedHashMap<>();
        m.put("architecture", a.toString());
        m.put("space", w.space().name());
        m.put("run", w.run().manifest().experimentHash());
        m.put("data", data);
        return m;
    }

    /** Adds what a network takes and gives. */
    static void addTask(Map<String, String> metadata, Workbench w) {
        metadata.put(
                "input",
                "standardized pixels, NCHW: (pixel / 255 or / 16 to 0..1, minus mean, by deviation); "
                        + w.data().normalization());
        metadata.put("classes", String.join(",", w.data().train().classNames()));
    }
}
