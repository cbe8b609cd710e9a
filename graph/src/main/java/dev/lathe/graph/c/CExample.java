package dev.lathe.graph.c;

import dev.lathe.graph.Shape;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A program around an exported network of images: it reads a picture, scales its pixels to the network's numbers as the data
 * was, and prints the classes. What a user would have to write next, with mean, deviation and class names filled in.
 */
public final class CExample {
    /** Beside the network's sources, in a folder of its own, for it has a main function. */
    public static final String FILE = "host/classify.c";

    private CExample() {}

    /**
     * The program's text; empty where the network takes no gray or RGB images.
     *
     * @param mean of the training pixels, in 0..1, one a channel
     * @param deviation likewise
     * @param classes names in the order of the logits
     */
    public static Optional<String> source(CModel model, float[] mean, float[] deviation, List<String> classes) {
        Shape in = model.network().graph().inputs().get(0).shape();
        if (in.rank() != 3 || in.extent(0) != mean.length || !takesImages(in)) {
            return Optional.empty();
        }
        String name = model.name();
        return Optional.of(PROGRAM.formatted(
                name,
                name.toUpperCase(java.util.Locale.ROOT),
                in.extent(2),
                in.extent(1),
                in.extent(0),
                numbers(mean),
                numbers(deviation),
                classes.stream().map(CText::literal).collect(Collectors.joining(",\n    "))));
    }

    /** The command that compiles it, for a network in {@code folder}. */
    public static String compile(String folder, String name) {
        return "gcc -std=c99 -O2 -I %1$s %1$s/%2$s %1$s/%3$s.c %1$s/lathe_*.c -lm -o classify"
                .formatted(quoted(folder), FILE, name);
    }

    /** For a shell, where that is needed. */
    private static String quoted(String path) {
        return path.matches("[A-Za-z0-9_./-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
    }

    private static boolean takesImages(Shape in) {
        return (in.extent(0) == 1 || in.extent(0) == 3) && in.extent(1) > 1 && in.extent(2) > 1;
    }

    private static String numbers(float[] values) {
        StringBuilder s = new StringBuilder();
        for (float v : values) {
            s.append(s.isEmpty() ? "" : ", ").append(v).append('f');
        }
        return s.toString();
    }

    private static final String PROGRAM = """
            /* What is on a picture, by the network %1$s: prints the classes and their logits, the likeliest first.
             *
             * Reads a PPM or PGM file (P6 or P5, 8 bits a value) of %3$d x %4$d pixels; lathe pixels makes one of an image, scaled by --image-size:
             *   lathe pixels photo.jpg | ./classify
             */
            #include "%1$s.h"
            #include <ctype.h>
            #include <math.h>
            #include <stdio.h>

            enum { WIDTH = %3$d, HEIGHT = %4$d, CHANNELS = %5$d };

            static const float mean[CHANNELS] = {%6$s};
            static const float deviation[CHANNELS] = {%7$s};
            static const char *const classes[%2$s_CLASSES] = {
                %8$s};

            /* The next number of the file's head, with the blank behind it; -1 where there is none. */
            static long number(void) {
              int c = getchar();
              for (; isspace(c) || c == '#'; c = getchar()) {
                if (c != '#') continue;
                while (c != '\\n' && c != EOF) c = getchar();
              }
              long n = isdigit(c) ? 0 : -1;
              for (; isdigit(c) && n < 100000; c = getchar()) n = 10 * n + (c - '0');
              return n;
            }

            /* One pixel as red, green, blue in 0..1; all the same where the file has one value. */
            static void pixel(float rgb[3], int values) {
              for (int b = 0; b < 3; b++) rgb[b] = b < values ? (float)getchar() / 255.0f : rgb[0];
            }

            int main(void) {
              static int8_t input[%2$s_INPUTS];
              static int16_t logits[%2$s_CLASSES];
              int p = getchar(), kind = getchar();
              long width = number(), height = number(), most = number();
              if (p != 'P' || (kind != '5' && kind != '6') || width != WIDTH || height != HEIGHT || most != 255) {
                fprintf(stderr, "classify: no PPM or PGM file of %%d x %%d pixels with 8 bits a value\\n", WIDTH, HEIGHT);
                return 2;
              }
              for (int i = 0; i < WIDTH * HEIGHT; i++) {
                float rgb[3];
                pixel(rgb, kind == '6' ? 3 : 1);
                if (CHANNELS == 1 && (rgb[0] != rgb[1] || rgb[1] != rgb[2])) {
                  rgb[0] = 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
                }
                for (int c = 0; c < CHANNELS; c++) {
                  float x = (rgb[c] - mean[c]) * (1.0f / deviation[c]);
                  double q = floor((double)x / %2$s_INPUT_SCALE + 0.5) + %2$s_INPUT_ZERO;
                  input[CHANNELS * i + c] = (int8_t)(q < -128 ? -128 : q > 127 ? 127 : q);
                }
              }
              if (feof(stdin)) {
                fprintf(stderr, "classify: the picture ends before its last pixel\\n");
                return 2;
              }
              %1$s_run(input, logits);
              static char said[%2$s_CLASSES];
              for (int line = 0; line < %2$s_CLASSES && line < 5; line++) {
                int best = -1;
                for (int c = 0; c < %2$s_CLASSES; c++) {
                  if (!said[c] && (best < 0 || logits[c] > logits[best])) best = c;
                }
                said[best] = 1;
                printf("%%9.4f  %%s\\n", logits[best] * %2$s_LOGIT_SCALE, classes[best]);
              }
              return 0;
            }
            """;
}
