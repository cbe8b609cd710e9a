package dev.lathe.cli;

import dev.lathe.device.OnnxModel;
import java.util.Map;
import java.util.TreeMap;

/** What made a result. */
final class Versions {
    private Versions() {}

    static Map<String, String> all(Workbench w) {
        Map<String, String> v = new TreeMap<>();
        v.put("lathe", Main.VERSION);
        v.put("java", System.getProperty("java.version", "unknown"));
        v.put("runtime", w.device().runtime());
        v.put("onnxruntime", OnnxModel.runtimeVersion());
        return v;
    }

    static Map<String, String> platform() {
        Map<String, String> v = new TreeMap<>();
        v.put("java", System.getProperty("java.vm.name", "") + " " + System.getProperty("java.version", ""));
        v.put(
                "system",
                System.getProperty("os.name", "") + " " + System.getProperty("os.version", "") + " "
                        + System.getProperty("os.arch", ""));
        v.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        return v;
    }
}
