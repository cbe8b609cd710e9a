package dev.lathe.device;

import dev.lathe.base.Names;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One run of the measuring program on a device: a request a line, an answer a line. */
final class RemoteSession implements AutoCloseable {
    /** Kept of what the client says on its error stream. */
    private static final int MOST_COMPLAINT = 2000;

    private static final int MOST_LINE = 1 << 20;
    private static final String END = "\0";

    private final RemoteCommand command;
    private final Process process;
    private final OutputStream to;
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final StringBuffer complaint = new StringBuffer();
    private final Thread errors;

    /** @throws IOException in one line, if the program cannot be started or does not greet */
    RemoteSession(RemoteCommand command) throws IOException {
        this.command = command;
        for (List<String> c : command.before()) {
            prepare(c);
        }
        this.process = start(command.start());
        this.to = new BufferedOutputStream(process.getOutputStream());
        reader("lathe-remote-out", this::readLines);
        this.errors = reader("lathe-remote-err", () -> keep(process.getErrorStream(), complaint));
        try {
            send(command.preamble().getBytes(StandardCharsets.UTF_8));
            String greeting = answer();
            if (!greeting.startsWith("lathe-measure 1")) {
                throw new IOException(
                        "it greets by '%s', not as our program of version 1".formatted(Names.shown(greeting)));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private void prepare(List<String> c) throws IOException {
        Process p = start(c);
        StringBuffer said = new StringBuffer();
        Thread errors = reader("lathe-remote-push", () -> keep(p.getErrorStream(), said));
        reader("lathe-remote-push-out", () -> keep(p.getInputStream(), new StringBuffer()));
        try {
            if (!p.waitFor(command.timeoutSeconds(), TimeUnit.SECONDS)) {
                p.destroyForcibly();
                throw new IOException(
                        "%s %s did not end within %d s".formatted(c.get(0), c.get(1), command.timeoutSeconds()));
            }
            errors.join(1000);
        } catch (InterruptedException e) {
            p.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (p.exitValue() != 0) {
            throw new IOException("%s failed: %s".formatted(c.get(0), lastLine(said)));
        }
    }

    private static Process start(List<String> argv) throws IOException {
        try {
            return new ProcessBuilder(argv).start();
        } catch (IOException e) {
            throw new IOException("%s cannot be started; install it".formatted(argv.get(0)), e);
        }
    }

    private static Thread reader(String name, Runnable work) {
        Thread t = new Thread(work, name);
        t.setDaemon(true);
        t.start();
        return t;
    }

    private void readLines() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            StringBuilder line = new StringBuilder();
            int c;
            while ((c = in.read()) >= 0) {
                if (c == '\n') {
                    lines.add(line.toString());
                    line.setLength(0);
                } else if (line.length() < MOST_LINE) {
                    line.append((char) c);
                }
            }
        } catch (IOException e) {
            complaint.append(e.getMessage());
        } finally {
            lines.add(END);
        }
    }

    private static void keep(InputStream from, StringBuffer to) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
            String line;
            while ((line = in.readLine()) != null) {
                if (to.length() < MOST_COMPLAINT && !line.isBlank()) {
                    to.append(line.strip()).append('\n');
                }
            }
        } catch (IOException | UncheckedIOException e) {
            to.append(e.getMessage());
        }
    }

    private static String lastLine(StringBuffer text) {
        List<String> all = text.toString().lines().toList();
        return all.isEmpty() ? "it says nothing" : Names.shown(all.get(all.size() - 1));
    }

    /**
     * Sends a request.
     *
     * @param line without its end
     * @param bytes sent behind it
     * @return the answer
     * @throws IOException in one line, if there is none in time
     */
    String ask(String line, byte[] bytes) throws IOException {
        send((line + "\n").getBytes(StandardCharsets.UTF_8), bytes);
        return answer();
    }

    /** Where the other end is gone, what it said of it tells more than that a write failed. */
    private void send(byte[]... parts) throws IOException {
        try {
            for (byte[] part : parts) {
                to.write(part);
            }
            to.flush();
        } catch (IOException e) {
            throw ended();
        }
    }

    private String answer() throws IOException {
        String line;
        try {
            line = lines.poll(command.timeoutSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (line == null) {
            throw new IOException("it did not answer within %d s".formatted(command.timeoutSeconds()));
        }
        if (line.equals(END)) {
            throw ended();
        }
        return line;
    }

    private IOException ended() {
        try {
            // What the client says of it comes a moment later.
            if (process.waitFor(1, TimeUnit.SECONDS)) {
                errors.join(1000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new IOException("the connection ended: " + lastLine(complaint));
    }

    @Override
    public void close() {
        try {
            to.close();
        } catch (IOException e) {
            // It is gone already.
        }
        process.destroyForcibly();
    }
}
