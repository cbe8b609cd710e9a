package dev.lathe.device;

import dev.lathe.base.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The known devices by name. */
public final class Devices {
    /** The machine that the program runs on: ONNX Runtime, float32, one thread, one image at a time. */
    public static final String THIS_MACHINE = "this-machine";

    private static final List<String> NAMES = List.of(
            THIS_MACHINE,
            "this-machine-int8",
            "this-machine-t2",
            "this-machine-b16",
            "this-machine-int8-b16",
            "this-machine-plain",
            "this-machine-plain-b16",
            "this-machine-torch",
            "raspberry-pi",
            "raspberry-pi-int8",
            "android-phone",
            "stm32f427",
            "stm32f746",
            "stm32h743",
            "cortex-m4",
            "cortex-m7");

    private Devices() {}

    public static List<String> names() {
        return NAMES;
    }

    /**
     * The device of this name, or the one that a file describes.
     *
     * @param name a built-in device, or the path of a YAML file
     * @throws InvalidInputException in one line, if no device has this name, or the file describes none
     */
    public static DeviceProfile get(String name) {
        if (NAMES.contains(name)) {
            return DeviceFile.builtIn(name);
        }
        if (DeviceFile.isFile(name)) {
            return DeviceFile.read(Path.of(name));
        }
        throw InvalidInputException.unknown("device", name, NAMES);
    }

    /**
     * What times networks on a device.
     *
     * @param seed decides the order in which networks are timed, and the values of their input
     * @param graphs loads networks where the device runs their graphs, which this module knows no engine for
     */
    public static LatencyMeter meter(DeviceProfile device, long seed, RunnableNetwork.Loader graphs) {
        Connection c = device.connection();
        if (c instanceof Connection.Remote remote) {
            return new RemoteMeter(device, remote, seed);
        }
        return c instanceof Connection.Emulated e
                ? new FirmwareMeter(device, e)
                : new InterleavedTimer(
                        device, seed, System::nanoTime, device.runsGraphs() ? graphs : new OnnxLoader(device, seed));
    }

    /**
     * What sees the memory of networks on a device.
     *
     * @throws InvalidInputException if networks run where memory is not seen: elsewhere, or in PyTorch
     */
    public static MemoryMeter memoryMeter(DeviceProfile device) {
        Connection c = device.connection();
        if (c instanceof Connection.Remote) {
            throw new InvalidInputException(
                    "memory is seen on this machine and on emulated microcontrollers, and %s is reached over a connection; give peakActivation as budget or objective"
                            .formatted(device.id()));
        }
        if (device.runsGraphs()) {
            throw new InvalidInputException(
                    "memory is seen of ONNX Runtime's sessions and of firmware, and %s runs graphs in PyTorch; give peakActivation as budget or objective"
                            .formatted(device.id()));
        }
        return c instanceof Connection.Emulated e ? new FirmwareMemoryMeter(device, e) : new SessionMemoryMeter(device);
    }

    static SortedMap<String, String> hostFacts(String runtime) {
        SortedMap<String, String> facts = new TreeMap<>();
        facts.put("cpu", cpuModel(Path.of("/proc/cpuinfo")));
        facts.put("logicalCores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put(
                "os",
                "%s %s %s"
                        .formatted(
                                System.getProperty("os.name"),
                                System.getProperty("os.version"),
                                System.getProperty("os.arch")));
        facts.put("jvm", "%s %s".formatted(System.getProperty("java.vm.name"), System.getProperty("java.vm.version")));
        facts.put("runtime", runtime);
        return facts;
    }

    /** The processor's name as Linux tells it; elsewhere, and on processors without one, the architecture. */
    static String cpuModel(Path cpuInfo) {
        if (Files.isReadable(cpuInfo)) {
            try (Stream<String> lines = Files.lines(cpuInfo, StandardCharsets.ISO_8859_1)) {
                return lines.filter(l -> l.startsWith("model name") && l.indexOf(':') > 0)
                        .map(l -> l.substring(l.indexOf(':') + 1).strip())
                        .findFirst()
                        .orElseGet(Devices::cpuArchitecture);
            } catch (IOException e) {
                return cpuArchitecture();
            }
        }
        return cpuArchitecture();
    }

    private static String cpuArchitecture() {
        return System.getProperty("os.arch") + " (model not told)";
    }
}
