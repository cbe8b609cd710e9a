package dev.lathe.base;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

/**
 * A text file that only grows, a record a line, with a header line. What {@link #append} returned from is on the disk. A
 * line torn by a crash (the last one, without its line end) is cut off when the log is opened again, so every line read is
 * a line that was written whole.
 */
public final class AppendLog implements AutoCloseable {
    private static final int CHUNK = 1 << 16;

    private final FileChannel channel;
    private final Path file;
    private final List<String> existing;

    private AppendLog(FileChannel channel, Path file, List<String> existing) {
        this.channel = channel;
        this.file = file;
        this.existing = existing;
    }

    /**
     * Opens or makes a log, and reads all of it.
     *
     * @throws InvalidInputException if the file's header is another one, so that the file is not this kind of log
     */
    public static AppendLog open(Path file, String header) throws IOException {
        AppendLog log = openUnread(file, header);
        try (BufferedReader lines = log.read()) {
            return new AppendLog(log.channel, file, lines.lines().toList());
        } catch (IOException | RuntimeException e) {
            log.close();
            throw e;
        }
    }

    /**
     * The same for a log that may be larger than memory: {@link #existing} is empty, and {@link #read} gives the records one by one.
     *
     * @throws InvalidInputException as {@link #open} does
     */
    public static AppendLog openUnread(Path file, String header) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            byte[] expected = (header + "\n").getBytes(StandardCharsets.UTF_8);
            byte[] start = bytes(channel, 0, (int) Math.min(channel.size(), expected.length));
            // Before anything is cut off: another file, given by mistake, stays as it is.
            if (!Arrays.equals(start, Arrays.copyOf(expected, start.length))) {
                String first =
                        new String(bytes(channel, 0, (int) Math.min(channel.size(), CHUNK)), StandardCharsets.UTF_8);
                throw new InvalidInputException(
                        "%s is not the log it should be: its first line is '%s', expected '%s'; move it away or give another folder"
                                .formatted(
                                        file,
                                        Names.shown(first.lines().findFirst().orElse("")),
                                        header));
            }
            long whole = start.length < expected.length ? 0 : endOfLastLine(channel);
            channel.truncate(whole);
            channel.position(whole);
            AppendLog log = new AppendLog(channel, file, List.of());
            if (whole == 0) {
                log.append(List.of(header));
            }
            return log;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The position after the last line end. */
    private static long endOfLastLine(FileChannel channel) throws IOException {
        for (long end = channel.size(); end > 0; ) {
            int length = (int) Math.min(end, CHUNK);
            byte[] chunk = bytes(channel, end - length, length);
            for (int i = length - 1; i >= 0; i--) {
                if (chunk[i] == '\n') {
                    return end - length + i + 1;
                }
            }
            end -= length;
        }
        return 0;
    }

    private static byte[] bytes(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
        }
        return buffer.array();
    }

    /** The records that were there when the log was opened, without the header; none where it was opened unread. */
    public List<String> existing() {
        return existing;
    }

    /** A reader of the records there are, placed after the header; to be closed by the caller. */
    public BufferedReader read() throws IOException {
        BufferedReader lines = Files.newBufferedReader(file);
        lines.readLine();
        return lines;
    }

    /** Writes the lines and forces them to the disk: one write, one force, however many there are. */
    public void append(List<String> lines) throws IOException {
        if (lines.isEmpty()) {
            return;
        }
        write(lines);
        force();
    }

    /** Writes the lines: a kill of the process does not lose them, a power cut may until {@link #force} is called. */
    public void write(List<String> lines) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append(line).append('\n');
        }
        ByteBuffer buffer = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** Forces what was written to the disk. */
    public void force() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
