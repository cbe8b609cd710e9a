package dev.lathe.device;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.device.mcu.Microcontroller;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A device as a YAML file describes it; what such a file may hold is said by a JSON Schema. */
public final class DeviceFile {
    /** Endings of the names of such files. */
    private static final List<String> ENDINGS = List.of(".yaml", ".yml");

    private static final int MOST_BYTES = 1 << 16;
    private static final int USUAL_TIMEOUT_SECONDS = 60;
    private static final JsonSchema SCHEMA =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema());

    private DeviceFile() {}

    /** The JSON Schema (draft 2020-12), by which editors check and complete such files. */
    public static String schema() {
        return resource("device.schema.json");
    }

    /** Whether a text names such a file rather than a built-in device. */
    static boolean isFile(String text) {
        return ENDINGS.stream().anyMatch(text::endsWith);
    }

    static DeviceProfile builtIn(String name) {
        return parse(name, resource(name + ".yaml"));
    }

    private static String resource(String name) {
        try (InputStream in = DeviceFile.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws InvalidInputException in one line, if there is no such file or it describes no device */
    public static DeviceProfile read(Path file) {
        String shown = Names.shown(file.toString());
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(
                    "%s is no file; give the path of a YAML file that describes a device, or one of: %s"
                            .formatted(shown, String.join(", ", Devices.names())));
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new InvalidInputException(
                        "%s is longer than 64 KiB, which no device needs; give another file".formatted(shown));
            }
            return parse(shown, new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new InvalidInputException(
                    "%s cannot be read (%s); check its permissions"
                            .formatted(shown, Names.shown(String.valueOf(e.getMessage()))),
                    e);
        }
    }

    /**
     * @param name what messages call the text
     * @throws InvalidInputException in one line, naming the key, if it describes no device
     */
    public static DeviceProfile parse(String name, String text) {
        JsonNode node;
        try {
            node = Json.yaml().readTree(text);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    "%s line %d is no YAML; mend that line"
                            .formatted(
                                    name,
                                    e.getLocation() == null
                                            ? 1
                                            : e.getLocation().getLineNr()),
                    e);
        }
        Set<ValidationMessage> problems = SCHEMA.validate(node);
        if (!problems.isEmpty()) {
            ValidationMessage first = problems.iterator().next();
            throw new InvalidInputException(
                    "%s describes no device: %s; lathe devices --schema says what a file may hold"
                            .formatted(name, Names.shown(String.valueOf(first.getMessage()))));
        }
        return profile(node);
    }

    private static DeviceProfile profile(JsonNode n) {
        Connection connection = connection(n);
        boolean local = connection instanceof Connection.Local;
        String runtime = runtime(connection);
        return new DeviceProfile(
                n.path("id").asText(),
                n.path("description").asText(),
                runtime,
                n.path("precision").asText("fp32").equals("int8") ? Precision.INT8 : Precision.FP32,
                n.path("threads").asInt(1),
                n.path("batch").asInt(1),
                // Operator by operator, nothing is fused.
                n.path("optimized").asBoolean(!connection.runsGraphs()),
                new DeviceProfile.Memory(
                        whole(n.path("memory").path("ramBytes")),
                        whole(n.path("memory").path("flashBytes"))),
                connection,
                connection instanceof Connection.Emulated ? MeasurementProtocol.COUNTED : protocol(n.path("protocol")),
                local ? Devices.hostFacts(runtime) : facts(connection));
    }

    private static @Nullable Long whole(JsonNode n) {
        return n.isMissingNode() ? null : Long.valueOf(n.asLong());
    }

    private static @Nullable String text(JsonNode n) {
        return n.isMissingNode() ? null : n.asText();
    }

    private static Connection connection(JsonNode n) {
        switch (n.path("kind").asText()) {
            case "ssh" -> {
                JsonNode c = n.path("ssh");
                return new Connection.Ssh(
                        c.path("host").asText(),
                        c.path("port").asInt(0),
                        text(c.path("user")),
                        text(c.path("identity")),
                        c.path("program").asText("python3"),
                        c.path("timeoutSeconds").asInt(USUAL_TIMEOUT_SECONDS));
            }
            case "adb" -> {
                JsonNode c = n.path("adb");
                List<String> push = new ArrayList<>();
                c.path("push").forEach(f -> push.add(f.asText()));
                return new Connection.Adb(
                        text(c.path("serial")),
                        c.path("program").asText(),
                        push,
                        c.path("timeoutSeconds").asInt(USUAL_TIMEOUT_SECONDS));
            }
            case "emulated" -> {
                JsonNode c = n.path("emulated");
                return new Connection.Emulated(
                        c.path("microcontroller").asText(), c.path("clockMhz").asDouble());
            }
            default -> {
                return new Connection.Local(
                        n.path("runtime").asText().equals("pytorch")
                                ? Connection.Engine.PYTORCH
                                : Connection.Engine.ONNX_RUNTIME);
            }
        }
    }

    private static String runtime(Connection c) {
        if (c instanceof Connection.Emulated) {
            return "8-bit C under QEMU";
        }
        if (c.runsGraphs()) {
            return "PyTorch %s by DJL %s".formatted(torchVersion(), version("djl"));
        }
        return c instanceof Connection.Local
                ? "ONNX Runtime " + OnnxModel.runtimeVersion()
                : "ONNX Runtime of the device";
    }

    /** The version of PyTorch that devices of it have. */
    public static String torchVersion() {
        return version("pytorch");
    }

    /** The version that the build puts in; this module does not know the library. */
    private static String version(String library) {
        Properties versions = new Properties();
        try {
            versions.load(new StringReader(resource("versions.properties")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return versions.getProperty(library);
    }

    private static SortedMap<String, String> facts(Connection c) {
        SortedMap<String, String> facts = new TreeMap<>();
        if (c instanceof Connection.Emulated e) {
            Microcontroller m = Microcontroller.get(e.microcontroller());
            facts.put("core", m.core());
            facts.put("board", m.machine());
            facts.put("clockMhz", Double.toString(e.clockMhz()));
        } else if (c instanceof Connection.Ssh s) {
            facts.put("host", s.host());
        }
        return facts;
    }

    private static MeasurementProtocol protocol(JsonNode n) {
        MeasurementProtocol s = MeasurementProtocol.STANDARD;
        return new MeasurementProtocol(
                n.path("warmUpRuns").asInt(s.warmUpRuns()),
                n.path("repetitions").asInt(s.repetitions()),
                n.path("rounds").asInt(s.rounds()),
                n.path("timedRunMicros").asInt(s.timedRunMicros()),
                n.path("outlierShare").asDouble(s.outlierShare()),
                n.path("remeasurements").asInt(s.remeasurements()),
                n.path("widestInterval").asDouble(s.widestInterval()),
                n.path("extraRounds").asInt(s.extraRounds()),
                n.path("driftShare").asDouble(s.driftShare()));
    }
}
