package dev.lathe.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.Json;
import dev.lathe.device.DeviceFile;
import dev.lathe.device.DeviceProfile;
import dev.lathe.device.Devices;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the devices. */
@Command(
        name = "devices",
        mixinStandardHelpOptions = true,
        description = "Lists the devices that networks can be measured on, with the protocol of the measurement.",
        footer = {
            "",
            "Examples:",
            "  lathe devices --json",
            "  lathe devices --schema > device.schema.json    # for a file of your own: lathe profile --device my-board.yaml"
        })
final class DevicesCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print one JSON document.")
    boolean json;

    @Option(names = "--schema", description = "Print the JSON Schema (draft 2020-12) of files that describe devices.")
    boolean schema;

    @Override
    public Integer call() throws Exception {
        if (schema) {
            System.out.print(DeviceFile.schema());
            return 0;
        }
        ArrayNode all = Json.json().createArrayNode();
        for (String name : Devices.names()) {
            DeviceProfile d = Devices.get(name);
            ObjectNode o = all.addObject();
            o.put("id", d.id()).put("description", d.description()).put("runtime", d.runtime());
            o.put("precision", d.precision().toString())
                    .put("threads", d.threads())
                    .put("batch", d.batch())
                    .put("optimized", d.optimized())
                    .put("ramBytes", d.memory().ramBytes())
                    .put("flashBytes", d.memory().flashBytes())
                    .put("connection", d.connection().getClass().getSimpleName().toLowerCase(Locale.ROOT));
            o.put("protocol", d.protocol().id())
                    .put("protocolDescription", d.protocol().description());
            ObjectNode facts = o.putObject("host");
            d.hostFacts().forEach(facts::put);
            if (!json) {
                System.out.printf(
                        "%s: %s%n  %s, %s, %d thread(s), batch %d%s%n  protocol %s: %s%n",
                        d.id(),
                        d.description(),
                        d.runtime(),
                        d.precision(),
                        d.threads(),
                        d.batch(),
                        d.optimized() ? "" : ", nothing fused",
                        d.protocol().id(),
                        d.protocol().description());
                d.hostFacts().forEach((k, v) -> System.out.printf("  %-10s %s%n", k, v));
            }
        }
        if (json) {
            System.out.println(Json.json().writeValueAsString(all));
        }
        return 0;
    }
}
