package dev.lathe.device;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The processes of this machine by which a device is reached. What a user chose stands in an argument of its own or is a word of
 * letters, digits and {@code _ / . + -}; models and settings go through the program's standard input.
 *
 * @param what the device is called in messages, for example {@code pi@raspberrypi.local}
 * @param before run one after the other before the program is started
 * @param start starts the program
 * @param preamble what the program is given first
 * @param timeoutSeconds longest time that an answer may take
 */
record RemoteCommand(String what, List<List<String>> before, List<String> start, String preamble, int timeoutSeconds) {
    /** Takes the number of bytes of a program, then the program: what the remote shell sees is this text alone. */
    private static final String BOOTSTRAP =
            " -c 'import sys; exec(sys.stdin.buffer.read(int(sys.stdin.buffer.readline())))'";

    RemoteCommand {
        before = before.stream().map(List::copyOf).toList();
        start = List.copyOf(start);
    }

    static RemoteCommand of(Connection.Remote remote) {
        return remote instanceof Connection.Ssh s ? ssh(List.of("ssh"), s) : adb("adb", (Connection.Adb) remote);
    }

    /** @param client the ssh client with arguments of its own */
    static RemoteCommand ssh(List<String> client, Connection.Ssh c) {
        List<String> start = new ArrayList<>(client);
        // Never asks, and notices within 15 seconds that the other side is gone.
        for (String option :
                List.of("BatchMode=yes", "ConnectTimeout=10", "ServerAliveInterval=5", "ServerAliveCountMax=3")) {
            start.addAll(List.of("-o", option));
        }
        if (c.port() > 0) {
            start.addAll(List.of("-p", Integer.toString(c.port())));
        }
        String user = c.user();
        if (user != null) {
            start.addAll(List.of("-l", user));
        }
        String identity = c.identity();
        if (identity != null) {
            start.addAll(List.of("-i", identity));
        }
        start.addAll(List.of("-T", "--", c.host(), "exec " + c.program() + BOOTSTRAP));
        String program = program();
        return new RemoteCommand(
                (user == null ? "" : user + "@") + c.host(),
                List.of(),
                start,
                program.getBytes(StandardCharsets.UTF_8).length + "\n" + program,
                c.timeoutSeconds());
    }

    /** @param client the adb client */
    static RemoteCommand adb(String client, Connection.Adb c) {
        List<String> base = new ArrayList<>(List.of(client));
        String serial = c.serial();
        if (serial != null) {
            base.addAll(List.of("-s", serial));
        }
        String folder = c.program().substring(0, c.program().lastIndexOf('/') + 1);
        List<List<String>> before = new ArrayList<>();
        for (String file : c.push()) {
            List<String> push = new ArrayList<>(base);
            push.addAll(List.of("push", file, folder + Path.of(file).getFileName()));
            before.add(push);
        }
        List<String> start = new ArrayList<>(base);
        start.addAll(List.of("shell", "-T", c.program()));
        return new RemoteCommand(
                serial == null ? "the phone" : "phone " + serial, before, start, "", c.timeoutSeconds());
    }

    /** The measuring program in Python. */
    static String program() {
        try (InputStream in = RemoteCommand.class.getResourceAsStream("lathe_measure.py")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
