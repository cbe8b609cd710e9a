package dev.lathe.device;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Stands for the measuring program on a device, with faults: arguments are {@code preamble} where a program comes first on
 * standard input, else {@code plain}; the fault; and a file that counts how often it was started.
 */
final class FakeMeasure {
    private FakeMeasure() {}

    public static void main(String[] args) throws Exception {
        InputStream in = System.in;
        if (args[0].equals("preamble")) {
            in.readNBytes(Integer.parseInt(line(in)));
        }
        String fault = args[1];
        Path starts = Path.of(args[2]);
        int start = Files.exists(starts) ? Integer.parseInt(Files.readString(starts)) + 1 : 1;
        Files.writeString(starts, Integer.toString(start));
        boolean faulty = start == 1 || fault.startsWith("always-");
        String what = faulty ? fault.replace("always-", "") : "none";
        if (what.equals("wrong-program")) {
            answer("Welcome to the phone!");
        }
        answer("lathe-measure 1 fake");
        // A fault that passes comes in the middle, one that stays at once.
        int at = fault.startsWith("always-") ? 1 : 3;
        int times = 0;
        while (true) {
            String[] w = line(in).split(" ", -1);
            if (w[0].isEmpty()) {
                return;
            }
            if (w[0].equals("load")) {
                byte[] model = in.readNBytes(Integer.parseInt(w[5]));
                boolean refused = new String(model, StandardCharsets.UTF_8).contains("bad");
                answer(refused ? "refused operator Foo is not known" : "ok");
            } else if (w[0].equals("time")) {
                times++;
                if (times == at && what.equals("unplug")) {
                    System.err.println("error: device 'X' not found");
                    System.exit(1);
                }
                if (times == at && what.equals("hang")) {
                    Thread.sleep(60_000);
                }
                StringBuilder s = new StringBuilder("times");
                for (int i = 0; i < Integer.parseInt(w[3]); i++) {
                    double nanos = 1000 * (1 + Integer.parseInt(w[1]));
                    nanos = times == at && what.equals("nan") ? Double.NaN : nanos;
                    nanos = times == at && what.equals("negative") ? -nanos : nanos;
                    nanos = times == at && what.equals("jump") ? nanos * 1e9 : nanos;
                    s.append(' ').append(nanos);
                }
                answer(times == at && what.equals("noise") ? "ti" : s.toString());
            } else {
                answer("ok");
            }
        }
    }

    private static void answer(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.write(c);
        }
        return line.toString(StandardCharsets.UTF_8);
    }
}
