package dev.lathe.notebook;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.AtomicFiles;
import dev.lathe.base.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How Jupyter starts the kernel: a {@code kernel.json} in one of the folders where it looks. */
public final class KernelSpec {
    /** The name by which notebooks ask for the kernel. */
    public static final String NAME = "lathe";

    private KernelSpec() {}

    /**
     * The folder in which Jupyter looks for what a user installed.
     *
     * @param environment the process's variables
     * @param system name of the operating system
     * @param home the user's folder
     */
    public static Path userFolder(Map<String, String> environment, String system, Path home) {
        String set = environment.get("JUPYTER_DATA_DIR");
        if (set != null && !set.isEmpty()) {
            return Path.of(set);
        }
        String lower = system.toLowerCase(Locale.ROOT);
        if (lower.startsWith("mac")) {
            return home.resolve("Library").resolve("Jupyter");
        }
        if (lower.startsWith("windows")) {
            String roaming = environment.get("APPDATA");
            return (roaming == null ? home.resolve("AppData").resolve("Roaming") : Path.of(roaming)).resolve("jupyter");
        }
        String data = environment.get("XDG_DATA_HOME");
        return (data == null || data.isEmpty() ? home.resolve(".local").resolve("share") : Path.of(data))
                .resolve("jupyter");
    }

    /**
     * Writes the kernel's description.
     *
     * @param folder of Jupyter, which has or gets {@code kernels} in it
     * @param command starts the kernel; the name of the connection file is added
     * @return the file
     */
    public static Path write(Path folder, List<String> command) throws IOException {
        ObjectNode spec = Json.json().createObjectNode();
        ArrayNode words = spec.putArray("argv");
        command.forEach(words::add);
        words.add("{connection_file}");
        spec.put("display_name", "Java (Lathe)").put("language", "java");
        Path file = folder.resolve("kernels").resolve(NAME).resolve("kernel.json");
        AtomicFiles.writeString(file, Json.json().writeValueAsString(spec) + "\n");
        return file;
    }
}
