package dev.lathe.cli;

import dev.lathe.supernet.data.PortablePixmap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives an image to a program that reads pixels. */
@Command(
        name = "pixels",
        mixinStandardHelpOptions = true,
        description =
                "Writes an image as PPM on standard output, scaled as a run scales its data: what the exported C's program host/classify.c reads.",
        footer = {"", "Example:", "  lathe pixels photos/cat/0001.jpg --image-size 32 | ./classify"})
final class PixelsCommand implements Callable<Integer> {
    @Parameters(paramLabel = "IMAGE", description = "A PNG or JPEG file.")
    Path image = Path.of("");

    @Option(
            names = "--image-size",
            paramLabel = "PIXELS",
            description = "Side to which it is scaled (default: its own size).")
    int imageSize;

    @Override
    public Integer call() throws IOException {
        byte[] ppm = PortablePixmap.of(image, imageSize);
        System.out.write(ppm, 0, ppm.length);
        System.out.flush();
        return 0;
    }
}
