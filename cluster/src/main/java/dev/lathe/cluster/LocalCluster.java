package dev.lathe.cluster;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.ScorerSource;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * A standalone Spark cluster on this machine: a master and workers, each a process of its own made from Spark's jars on this class path,
 * with a secret of its own, on the loopback interface only. For trying a search on a cluster and for measuring what one costs.
 */
public final class LocalCluster implements AutoCloseable {
    private static final int START_SECONDS = 60;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String MASTER_HOST = "127.0.0.1";

    private final Path folder;
    private final SparkSecurity security;
    private final String master;
    private final List<Path> jars;
    private final List<Process> daemons = new ArrayList<>();

    private LocalCluster(Path folder, SparkSecurity security, String master, List<Path> jars) {
        this.folder = folder;
        this.security = security;
        this.master = master;
        this.jars = jars;
    }

    /**
     * Starts a master.
     *
     * @param folder for what the processes write; the caller removes it after {@link #close}
     */
    public static LocalCluster start(Path folder) throws IOException {
        return start(folder, List.of());
    }

    /**
     * Starts a master.
     *
     * @param folder for what the processes write; the caller removes it after {@link #close}
     * @param libraries how the names of jars begin that workers lack and are sent: {@link dev.lathe.space.ScorerSource#libraries}
     */
    public static LocalCluster start(Path folder, List<String> libraries) throws IOException {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        SparkSecurity security = new SparkSecurity(HexFormat.of().formatHex(random));
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        Path home = folder.resolve("home");
        Path sparks = Files.createDirectories(home.resolve("jars"));
        for (Path p : SparkConnection.classPath()) {
            Path link = sparks.resolve(String.valueOf(p.getFileName()));
            if (p.toString().endsWith(".jar") && !SparkConnection.isForWorkers(p, libraries) && !Files.exists(link)) {
                Files.createSymbolicLink(link, p.toAbsolutePath());
            }
        }
        Path settings = Files.createFile(
                folder.resolve("spark.properties"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        StringBuilder text = new StringBuilder("spark.master.rest.enabled false\n");
        security.settings()
                .forEach((k, v) -> text.append(k).append(' ').append(v).append('\n'));
        Files.writeString(settings, text);
        LocalCluster cluster =
                new LocalCluster(folder, security, "spark://127.0.0.1:" + port, workerJars(folder, libraries));
        try {
            cluster.daemon(
                    "org.apache.spark.deploy.master.Master",
                    "master",
                    MASTER_HOST,
                    "--host",
                    MASTER_HOST,
                    "--port",
                    Integer.toString(port));
            cluster.awaitPort(port);
            return cluster;
        } catch (IOException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** The jars for workers, where Lathe's modules are folders of classes packed into jars first. */
    private static List<Path> workerJars(Path folder, List<String> libraries) throws IOException {
        List<Path> all = new ArrayList<>(SparkConnection.workerJars(libraries));
        for (Path p : SparkConnection.classPath()) {
            if (Files.isDirectory(p.resolve("dev/lathe"))
                    && !String.valueOf(p.getFileName()).startsWith("test-")) {
                Path jar = folder.resolve("lathe-%d.jar".formatted(all.size()));
                pack(p, jar);
                all.add(jar);
            }
        }
        return all;
    }

    private static void pack(Path classes, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream packed = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path p : files.filter(Files::isRegularFile).sorted().toList()) {
                packed.putNextEntry(new JarEntry(classes.relativize(p).toString()));
                Files.copy(p, packed);
                packed.closeEntry();
            }
        }
    }

    /** Starts a worker of one core and returns its number; it is of use a few seconds later. */
    public int addWorker() throws IOException {
        int number = daemons.size() - 1;
        // Each on an address of its own: Spark starts no copy of a slow task on the host that has it.
        String host = "127.0.0." + (number + 1);
        daemon(
                "org.apache.spark.deploy.worker.Worker",
                "worker-" + number,
                host,
                "--cores",
                "1",
                "--memory",
                "1g",
                "--host",
                host,
                "--work-dir",
                folder.resolve("work-" + number).toString(),
                master);
        return number;
    }

    private void daemon(String className, String name, String host, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m"));
        for (String opened : List.of("java.lang", "java.lang.invoke", "java.nio", "java.util", "sun.nio.ch")) {
            command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED");
        }
        command.add(className);
        command.addAll(List.of("--webui-port", "0", "--properties-file"));
        command.add(folder.resolve("spark.properties").toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment().put("CLASSPATH", folder.resolve("home/jars") + "/*");
        builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        // What decides where the page of a master or a worker listens, and executors.
        builder.environment().put("SPARK_LOCAL_IP", host);
        builder.environment().remove(SparkSecurity.VARIABLE);
        daemons.add(builder.start());
    }

    private void awaitPort(int port) {
        for (int i = 0; i < 10 * START_SECONDS && daemons.get(0).isAlive(); i++) {
            try (Socket probe = new Socket()) {
                probe.connect(new InetSocketAddress("127.0.0.1", port), 1000);
                return;
            } catch (IOException e) {
                pause();
            }
        }
        throw new InvalidInputException(
                "a Spark master of this machine does not start; see %s".formatted(folder.resolve("master.log")));
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for Spark", e);
        }
    }

    /** The address for {@code --master}. */
    public String master() {
        return master;
    }

    public SparkSecurity security() {
        return security;
    }

    /** What a search on this cluster sends to its workers. */
    public List<Path> jars() {
        return jars;
    }

    /** Connects to this cluster when so many workers are there; with patience, because all of it starts on one machine. */
    public SparkBatchEvaluator connect(ScorerSource source, int workers) {
        SparkBatchEvaluator spark = new SparkBatchEvaluator(master, source, jars, security, PATIENCE, PATIENCE, 0);
        try {
            spark.awaitWorkers(workers);
            return spark;
        } catch (RuntimeException e) {
            spark.close();
            throw e;
        }
    }

    /** Where workers look for Spark's own jars. */
    Path libraries() {
        return folder.resolve("home/jars");
    }

    /** All processes of the cluster, the workers' own children included. */
    List<ProcessHandle> processes() {
        return daemons.stream()
                .flatMap(p -> Stream.concat(Stream.of(p.toHandle()), p.descendants()))
                .toList();
    }

    /** Stops what a worker runs, without ending it, or lets it go on. */
    void hang(int worker, boolean hangs) throws IOException {
        for (ProcessHandle p : daemons.get(worker + 1).descendants().toList()) {
            new ProcessBuilder("kill", hangs ? "-STOP" : "-CONT", Long.toString(p.pid()))
                    .start()
                    .onExit()
                    .join();
        }
    }

    /** Kills a worker and what it runs, as a power cut would. */
    public void kill(int worker) {
        Process p = daemons.get(worker + 1);
        List<ProcessHandle> all = new ArrayList<>(p.descendants().toList());
        all.add(0, p.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(h -> h.onExit().join());
    }

    @Override
    public void close() {
        for (int worker = daemons.size() - 2; worker >= 0; worker--) {
            kill(worker);
        }
        if (!daemons.isEmpty()) {
            daemons.get(0).destroyForcibly().onExit().join();
        }
    }
}
