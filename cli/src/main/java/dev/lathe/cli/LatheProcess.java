package dev.lathe.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The {@code lathe} command in a process of its own, on this one's class path and with its launcher's options. */
final class LatheProcess {
    private static final List<String> KEPT = List.of("--add-opens", "-Dsys.ai.h2o.", "-Dai.djl.", "-Dlathe.home");

    private LatheProcess() {}

    /**
     * Starts it. What it prints goes to a file: a pipe that nobody reads would stop it.
     *
     * @param jvm options of the Java machine besides
     * @param words the command's arguments
     */
    static Process start(List<String> jvm, List<String> words, Path output) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of("-XX:+UseSerialGC", "-Xshare:auto"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(o -> KEPT.stream().anyMatch(o::startsWith))
                .forEach(command::add);
        command.addAll(jvm);
        command.add(Main.class.getName());
        command.addAll(words);
        ProcessBuilder b = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        // The class path goes by the environment, as the launcher hands it on.
        b.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return b.start();
    }
}
