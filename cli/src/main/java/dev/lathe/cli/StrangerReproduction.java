package dev.lathe.cli;

import dev.lathe.base.Folders;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.device.mcu.Firmware;
import dev.lathe.graph.c.CExample;
import dev.lathe.results.FirmwareCard;
import dev.lathe.supernet.data.PortablePixmap;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A stranger's path, by the README's own commands: a folder of images in four classes is searched, checked, exported as C, and the C
 * compiled on this machine tells other images apart. The first build of Lathe comes on top of the time.
 */
final class StrangerReproduction {
    private static final List<String> CLASSES = List.of("airplane", "automobile", "frog", "horse");
    private static final int IMAGES = 400;
    private static final int NEW_IMAGES = 50;
    private static final int SIDE = 32;
    private static final double MOST_MINUTES = 20;
    /** Of top-1 between the test part and the new images: each is of a few hundred. */
    private static final double NEAR = 0.10;

    private final Path folder;
    private final Path run;

    private StrangerReproduction(Path folder) {
        this.folder = folder;
        this.run = folder.resolve("mine");
    }

    static List<ReproduceCommand.Row> run(ReproduceCommand o) throws IOException {
        Path data = o.data;
        if (data == null) {
            throw new InvalidInputException("stranger needs --data DIR, the folder that holds cifar10-jpeg");
        }
        if (!Firmware.hasHost()) {
            throw new InvalidInputException(Firmware.missing().orElse("no gcc"));
        }
        Path folder = Files.createTempDirectory("lathe-stranger");
        try {
            return new StrangerReproduction(folder).rows(data.resolve("cifar10-jpeg"));
        } finally {
            Folders.delete(folder);
        }
    }

    private List<ReproduceCommand.Row> rows(Path cifar) throws IOException {
        unpack(cifar.resolve("train.zip"), folder.resolve("photos"), IMAGES);
        unpack(cifar.resolve("test.zip"), folder.resolve("new"), NEW_IMAGES);
        long start = System.nanoTime();
        lathe(
                "run",
                "-q",
                "--data",
                folder.resolve("photos").toString(),
                "--image-size",
                Integer.toString(SIDE),
                "--budget",
                "latency=p30",
                "--budget",
                "peakActivation=64 KiB",
                "--set",
                "training.steps=800",
                "--out",
                run.toString());
        double searched = minutes(start);
        int faults = lathe("verify", "-q", run.toString());
        lathe("export", "-q", "--out", run.toString(), "--format", "c");
        int chosen = Json.json()
                .readTree(run.resolve("export").resolve(ExportStep.FILE).toFile())
                .path("chosen")
                .asInt(-1);
        Path network = run.resolve("export/c").resolve("net_%02d".formatted(Math.max(0, chosen) + 1));
        Path program = folder.resolve("classify");
        shell(
                CExample.compile(network.toString(), String.valueOf(network.getFileName()))
                        .replace("-o classify", "-o '%s'".formatted(program)),
                new byte[0]);
        int right = 0;
        int all = 0;
        for (String c : CLASSES) {
            List<Path> images;
            try (Stream<Path> inside = Files.list(folder.resolve("new").resolve(c))) {
                images = inside.sorted().toList();
            }
            for (Path image : images) {
                String said = shell("'%s'".formatted(program), PortablePixmap.of(image, SIDE));
                right += said.lines().findFirst().orElse("").endsWith("  " + c) ? 1 : 0;
                all++;
            }
        }
        double minutes = minutes(start);
        double card = FirmwareCard.read(network.resolve("card.json")).accuracy().int8Top1();
        double top1 = right / (double) Math.max(1, all);
        return List.of(
                new ReproduceCommand.Row(
                        "%,d images in %d classes: searched, checked, exported, run in C on this machine"
                                .formatted(CLASSES.size() * IMAGES, CLASSES.size()),
                        "",
                        String.format(Locale.ROOT, "%.1f min, of which the search %.1f", minutes, searched),
                        "%.0f min".formatted(MOST_MINUTES),
                        minutes <= MOST_MINUTES),
                new ReproduceCommand.Row(
                        "lathe verify of the export", "", faults == 0 ? "whole" : "faults", "whole", faults == 0),
                new ReproduceCommand.Row(
                        "top-1 of the compiled program on %d other images".formatted(all),
                        "%.1f %% (card, 8 bits, test part)".formatted(100 * card),
                        "%.1f %%".formatted(100 * top1),
                        "within %.0f points".formatted(100 * NEAR),
                        Math.abs(top1 - card) <= NEAR));
    }

    private static double minutes(long start) {
        return (System.nanoTime() - start) / 6e10;
    }

    /** Runs a command as from a shell, without what it prints. */
    private static int lathe(String... words) {
        PrintStream before = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            int code = Main.commandLine().execute(words);
            if (code != 0 && !words[0].equals("verify")) {
                throw new IllegalStateException("lathe %s ended with exit code %d".formatted(words[0], code));
            }
            return code;
        } finally {
            System.setOut(before);
        }
    }

    /** The first images of each class. */
    private static void unpack(Path zip, Path target, int each) throws IOException {
        if (!Files.isRegularFile(zip)) {
            throw new InvalidInputException(
                    "%s is no file; --data is the folder that holds cifar10-jpeg".formatted(zip));
        }
        Map<String, Integer> taken = new HashMap<>();
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
                String[] path = e.getName().split("/", -1);
                String c = path.length < 2 ? "" : path[path.length - 2];
                int n = taken.getOrDefault(c, 0);
                if (CLASSES.contains(c) && n < each && e.getName().endsWith(".jpg")) {
                    Path folder = Files.createDirectories(target.resolve(c));
                    Files.write(folder.resolve("%05d.jpg".formatted(n)), in.readAllBytes());
                    taken.put(c, n + 1);
                }
            }
        }
        if (taken.size() < CLASSES.size()) {
            throw new InvalidInputException("%s has no images of %s".formatted(zip, String.join(", ", CLASSES)));
        }
    }

    private String shell(String command, byte[] input) throws IOException {
        Path file = folder.resolve("input");
        Files.write(file, input);
        Process p = new ProcessBuilder("sh", "-c", command)
                .redirectErrorStream(true)
                .redirectInput(file.toFile())
                .start();
        try {
            String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!p.waitFor(1, TimeUnit.MINUTES) || p.exitValue() != 0) {
                throw new IllegalStateException("'%s' failed: %s".formatted(command, said));
            }
            return said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
