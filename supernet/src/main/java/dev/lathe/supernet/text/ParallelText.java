package dev.lathe.supernet.text;

import dev.lathe.base.InvalidInputException;
import dev.lathe.supernet.data.Packed;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Sentences and their translations, blanks around them dropped.
 *
 * @param source sentences
 * @param target their translations, as many
 * @param skipped pairs left out, because one side was empty or longer than {@value #LONGEST_LINE} characters
 */
public record ParallelText(List<String> source, List<String> target, int skipped) {
    /** Characters of a line beyond which its pair is left out. */
    public static final int LONGEST_LINE = 2000;

    public ParallelText {
        source = List.copyOf(source);
        target = List.copyOf(target);
        if (source.size() != target.size()) {
            throw new IllegalArgumentException(
                    "%d sentences have %d translations".formatted(source.size(), target.size()));
        }
    }

    /**
     * Reads two files of one sentence a line, whose lines with one number translate each other; UTF-8, plain or packed by gzip.
     *
     * @throws InvalidInputException if a file is missing, too large or no UTF-8, they have unequal numbers of lines, or no pair
     *     is left
     */
    public static ParallelText read(Path sourceFile, Path targetFile) {
        return read(sourceFile, targetFile, false);
    }

    /**
     * The same.
     *
     * @param strict whether a pair of which a side is empty or too long is refused, and not left out
     */
    public static ParallelText read(Path sourceFile, Path targetFile, boolean strict) {
        List<String> source = lines(sourceFile);
        List<String> target = lines(targetFile);
        if (source.size() != target.size()) {
            throw new InvalidInputException(
                    "%s has %d lines and %s has %d; line n of one must be the translation of line n of the other"
                            .formatted(sourceFile, source.size(), targetFile, target.size()));
        }
        List<String> s = new ArrayList<>();
        List<String> t = new ArrayList<>();
        for (int i = 0; i < source.size(); i++) {
            if (isUsable(source.get(i)) && isUsable(target.get(i))) {
                s.add(source.get(i));
                t.add(target.get(i));
            } else if (strict) {
                boolean first = !isUsable(source.get(i));
                throw new InvalidInputException("%s line %d is %s; mend or remove the pair, or leave --strict out"
                        .formatted(
                                first ? sourceFile : targetFile,
                                i + 1,
                                (first ? source : target).get(i).isEmpty()
                                        ? "empty"
                                        : "longer than %d characters".formatted(LONGEST_LINE)));
            }
        }
        if (s.isEmpty()) {
            throw new InvalidInputException(
                    "%s and %s hold no pair of sentences of 1 to %d characters; give one sentence a line"
                            .formatted(sourceFile, targetFile, LONGEST_LINE));
        }
        return new ParallelText(s, t, source.size() - s.size());
    }

    /** Number of pairs. */
    public int size() {
        return source.size();
    }

    /** The pairs {@code from} to before {@code to}. */
    ParallelText part(int from, int to) {
        return new ParallelText(source.subList(from, to), target.subList(from, to), 0);
    }

    private static boolean isUsable(String line) {
        return !line.isEmpty() && line.length() <= LONGEST_LINE;
    }

    private static List<String> lines(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        Path name = file.getFileName();
        if (folder == null || name == null) {
            throw new InvalidInputException("'%s' is no file; give a text file of one sentence a line".formatted(file));
        }
        byte[] bytes = Packed.read(folder, name.toString());
        CharsetDecoder utf8 = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        List<String> lines = new ArrayList<>();
        int from = bytes.length >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF
                ? 3
                : 0;
        while (from < bytes.length) {
            int to = from;
            while (to < bytes.length && bytes[to] != '\n') {
                to++;
            }
            try {
                lines.add(utf8.decode(ByteBuffer.wrap(bytes, from, to - from))
                        .toString()
                        .strip());
            } catch (CharacterCodingException e) {
                throw new InvalidInputException(
                        "%s line %d is no UTF-8; convert the file to UTF-8".formatted(file, lines.size() + 1), e);
            }
            from = to + 1;
        }
        return lines;
    }
}
