package dev.lathe.device.mcu;

import dev.lathe.base.AtomicFiles;
import dev.lathe.base.InvalidInputException;
import dev.lathe.graph.c.CBench;
import dev.lathe.graph.c.CFiles;
import dev.lathe.graph.c.CFootprint;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Builds a program of exported networks and runs it: on the host, or bare metal on an emulated core with a device's RAM and
 * flash, where a program that needs more does not link. Compilers and the emulator are child processes; where one is missing,
 * {@link #missing} says what to install.
 */
public final class Firmware {
    /** Of RAM, reserved for the stack and guarded. */
    public static final int STACK_BYTES = CFootprint.STACK_BYTES;

    private static final String HOST_COMPILER = "gcc";
    private static final String CROSS_COMPILER = "arm-none-eabi-gcc";
    private static final String EMULATOR = "qemu-system-arm";
    private static final Pattern OVERFLOW = Pattern.compile("region [`'](RAM|FLASH)' overflowed by (\\d+) byte");
    /** Folder of objects and programs. */
    private static final String BUILD = "build";

    private static final long COMPILE_SECONDS = 300;
    private static final List<String> LANGUAGE = List.of("-std=c99", "-Wall", "-Wextra");
    /** Kernels and ports are the same in every program: compiled once a process for each compiler and its options. */
    private static final Map<String, byte[]> OBJECTS = new ConcurrentHashMap<>();

    private final Path folder;
    /** Of samples, which are the test's and no part of the firmware. */
    private final long sampleBytes;

    private Firmware(Path folder, long sampleBytes) {
        this.folder = folder;
        this.sampleBytes = sampleBytes;
    }

    /** Whether C can be compiled and run on this machine. */
    public static boolean hasHost() {
        return isThere(HOST_COMPILER);
    }

    /** Whether programs for a core can be compiled and emulated. */
    public static boolean hasEmulator() {
        return isThere(CROSS_COMPILER) && isThere(EMULATOR);
    }

    /** One line on what to install for the checks that cannot be made here, if there is anything. */
    public static Optional<String> missing() {
        Set<String> packages = new LinkedHashSet<>();
        if (!isThere(HOST_COMPILER)) {
            packages.add("gcc");
        }
        if (!isThere(CROSS_COMPILER)) {
            packages.add("gcc-arm-none-eabi");
        }
        if (!isThere(EMULATOR)) {
            packages.add("qemu-system-arm");
        }
        return packages.isEmpty()
                ? Optional.empty()
                : Optional.of("to run exported C here, install: apt-get install " + String.join(" ", packages));
    }

    private static boolean isThere(String program) {
        String path = System.getenv("PATH");
        for (String dir : (path == null ? "" : path).split(File.pathSeparator)) {
            if (!dir.isEmpty() && Files.isExecutable(Path.of(dir, program))) {
                return true;
            }
        }
        return false;
    }

    /** A program that runs networks on samples, its sources in a folder of its own. */
    public static Firmware of(Path folder, List<CBench.Entry> entries) throws IOException {
        long samples = entries.stream()
                .flatMap(e -> e.samples().stream())
                .mapToLong(s -> s.length)
                .sum();
        Firmware f = sources(folder, Map.of("main.c", CBench.source(entries)), samples);
        for (CBench.Entry e : entries) {
            f.write(e.model().files());
        }
        return f;
    }

    /** A program that counts the instructions of kernels. */
    public static Firmware rates(Path folder) throws IOException {
        return sources(folder, CFiles.rates(), 0);
    }

    private static Firmware sources(Path folder, Map<String, String> main, long sampleBytes) throws IOException {
        Files.createDirectories(folder.resolve(BUILD));
        Firmware f = new Firmware(folder, sampleBytes);
        f.write(CFiles.kernels());
        f.write(CFiles.ports());
        f.write(main);
        return f;
    }

    private void write(Map<String, String> files) throws IOException {
        for (Map.Entry<String, String> e : files.entrySet()) {
            AtomicFiles.writeString(folder.resolve(e.getKey()), e.getValue());
        }
    }

    /**
     * Compiles for this machine and runs.
     *
     * @param isChecked whether reads and writes out of bounds and undefined arithmetic stop the program
     */
    public BenchReport onHost(boolean isChecked) throws IOException {
        List<String> compile = new ArrayList<>(List.of(HOST_COMPILER, isChecked ? "-O1" : "-O2"));
        compile.addAll(LANGUAGE);
        if (isChecked) {
            compile.addAll(
                    List.of("-Werror", "-pedantic", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"));
        }
        List<String> command = new ArrayList<>(compile);
        command.addAll(inputs(compile, "port_mcu.c"));
        command.addAll(List.of("-o", BUILD + "/host"));
        require(run(command, COMPILE_SECONDS), "compile for the host");
        return BenchReport.parse(require(run(List.of("./" + BUILD + "/host"), COMPILE_SECONDS), "run on the host"));
    }

    /**
     * Compiles and links for a core, within a device's budgets. Samples are no part of the firmware, and do not count.
     *
     * @return bytes of flash and of RAM, stack included
     * @throws InvalidInputException naming the excess where it needs more than the device has
     */
    public Linked link(Microcontroller device) throws IOException {
        List<String> compile = new ArrayList<>(List.of(
                CROSS_COMPILER,
                "-mcpu=" + device.core(),
                "-mthumb",
                "-mfloat-abi=soft",
                "-O2",
                "-ffreestanding",
                "-ffunction-sections",
                "-fdata-sections"));
        compile.addAll(LANGUAGE);
        List<String> command = new ArrayList<>(compile);
        command.addAll(inputs(compile, "port_host.c"));
        command.addAll(List.of(
                "-nostartfiles",
                "-nostdlib",
                "-T",
                "mcu.ld",
                "-Wl,--gc-sections",
                "-Wl,--print-memory-usage",
                "-Wl,--defsym=RAM_SIZE=" + device.sramBytes(),
                "-Wl,--defsym=FLASH_SIZE=" + (device.flashBytes() + sampleBytes),
                "-Wl,--defsym=STACK_SIZE=" + STACK_BYTES,
                "-lgcc",
                "-o",
                BUILD + "/" + device.core() + ".elf"));
        Output o = run(command, COMPILE_SECONDS);
        Matcher m = OVERFLOW.matcher(o.text());
        if (m.find()) {
            boolean ram = m.group(1).equals("RAM");
            throw new InvalidInputException(
                    "The firmware needs %s more bytes of %s than the %d of %s; choose a smaller network or a larger device"
                            .formatted(
                                    m.group(2),
                                    ram ? "RAM" : "flash",
                                    ram ? device.sramBytes() : device.flashBytes(),
                                    device.id()));
        }
        String text = require(o, "link for " + device.core());
        return new Linked(used(text, "FLASH") - sampleBytes, used(text, "RAM"));
    }

    /**
     * What a linked program takes.
     *
     * @param flashBytes code, constants, start values
     * @param ramBytes arena, static data, and {@value #STACK_BYTES} bytes of stack
     */
    public record Linked(long flashBytes, long ramBytes) {}

    private static long used(String text, String region) {
        Matcher m = Pattern.compile(region + ":\\s+(\\d+) (B|KB|MB)").matcher(text);
        if (!m.find()) {
            throw new IllegalStateException("The linker did not say what it used of " + region);
        }
        long unit = m.group(2).equals("B") ? 1 : m.group(2).equals("KB") ? 1024 : 1024 * 1024;
        return unit * Long.parseLong(m.group(1));
    }

    /** Runs what was linked for a device on its emulated core. */
    public BenchReport emulated(Microcontroller device) throws IOException {
        Output o = run(
                List.of(
                        EMULATOR,
                        "-M",
                        device.machine(),
                        "-display",
                        "none",
                        "-monitor",
                        "none",
                        "-serial",
                        "none",
                        "-icount",
                        "shift=7",
                        "-chardev",
                        "stdio,id=sh",
                        "-semihosting-config",
                        "enable=on,target=native,chardev=sh",
                        "-kernel",
                        BUILD + "/" + device.core() + ".elf"),
                COMPILE_SECONDS);
        return BenchReport.parse(require(o, "run on " + device.machine()));
    }

    /** What is linked: objects of kernels and ports, sources of the rest. */
    private List<String> inputs(List<String> compile, String without) throws IOException {
        Set<String> fixed = new LinkedHashSet<>(CFiles.kernels().keySet());
        fixed.addAll(CFiles.ports().keySet());
        List<String> inputs = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (String name : files.map(p -> p.getFileName().toString())
                    .filter(n -> n.endsWith(".c") && !n.equals(without))
                    .sorted()
                    .toList()) {
                inputs.add(fixed.contains(name) ? object(compile, name) : name);
            }
        }
        return inputs;
    }

    private String object(List<String> compile, String source) throws IOException {
        String key = String.join(" ", compile) + " " + source;
        String object = BUILD + "/" + source.replace(".c", ".o");
        byte[] known = OBJECTS.get(key);
        if (known == null) {
            List<String> command = new ArrayList<>(compile);
            command.addAll(List.of("-c", source, "-o", object));
            require(run(command, COMPILE_SECONDS), "compile");
            OBJECTS.put(key, Files.readAllBytes(folder.resolve(object)));
        } else {
            AtomicFiles.write(folder.resolve(object), known);
        }
        return object;
    }

    private record Output(int code, String text) {}

    private Output run(List<String> command, long seconds) throws IOException {
        Path log = Files.createTempFile(folder, "out", ".txt");
        Process p = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File(isWindows() ? "NUL" : "/dev/null")))
                .start();
        try {
            if (!p.waitFor(seconds, TimeUnit.SECONDS)) {
                throw new IOException("%s did not end within %d s".formatted(command.get(0), seconds));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + command.get(0), e);
        } finally {
            p.destroyForcibly();
        }
        String text = Files.readString(log, StandardCharsets.UTF_8);
        Files.delete(log);
        return new Output(p.exitValue(), text);
    }

    private static boolean isWindows() {
        return File.separatorChar == '\\';
    }

    private static String require(Output o, String what) {
        if (o.code() != 0) {
            throw new IllegalStateException("The exported C did not %s (status %d): %s"
                    .formatted(what, o.code(), o.text().strip()));
        }
        return o.text();
    }
}
