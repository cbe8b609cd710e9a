package dev.lathe.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A text file that only grows, a record a line, with a header line. What {@link #append} returned from is on the disk. A
 * line torn by a crash (the last one, without its line end) is cut off when the log is opened again, so every line read is
 * a line that was written whole.
 */
public final class AppendLog implements AutoCloseable {
    private final FileChannel channel;
    private final List<String> existing;

    private AppendLog(FileChannel channel, List<String> existing) {
        this.channel = channel;
        this.existing = existing;
    }

    /**
     * Opens or makes a log.
     *
     * @throws InvalidInputException if the file's header is another one, so that the file is not this kind of log
     */
    public static AppendLog open(Path file, String header) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            byte[] bytes = Files.readAllBytes(file);
            int whole = bytes.length;
            while (whole > 0 && bytes[whole - 1] != '\n') {
                whole--;
            }
            List<String> lines = new ArrayList<>(
                    new String(bytes, 0, whole, StandardCharsets.UTF_8).lines().toList());
            // Before anything is cut off: another file, given by mistake, stays as it is.
            String first = lines.isEmpty() ? new String(bytes, StandardCharsets.UTF_8) : lines.get(0);
            if (lines.isEmpty() ? !(header + "\n").startsWith(first) : !first.equals(header)) {
                throw new InvalidInputException(
                        "%s is not the log it should be: its first line is '%s', expected '%s'; move it away or give another folder"
                                .formatted(file, Names.shown(first), header));
            }
            channel.truncate(whole);
            channel.position(whole);
            if (lines.isEmpty()) {
                AppendLog log = new AppendLog(channel, List.of());
                log.append(List.of(header));
                return log;
            }
            return new AppendLog(channel, List.copyOf(lines.subList(1, lines.size())));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The records that were there when the log was opened, without the header. */
    public List<String> existing() {
        return existing;
    }

    /** Writes the lines and forces them to the disk: one write, one force, however many there are. */
    public void append(List<String> lines) throws IOException {
        if (lines.isEmpty()) {
            return;
        }
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append(line).append('\n');
        }
        ByteBuffer buffer = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
