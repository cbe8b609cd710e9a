package dev.lathe.space.mobilenetv4;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Architectures in the notation of MobileNetV4's tables, on one line: the non-linearity, {@code scale} for layer scale, then
 * the blocks of each stage after a semicolon. A block is its start kernel, its middle kernel and its expansion, after {@code A}
 * for attention before it: {@code relu scale; 35e4 33e2; 35e6 33e4 A30e4 00e2; …}
 */
public final class MobileNetV4Text {
    private static final int LONGEST = 1_000;
    private static final Pattern BLOCK = Pattern.compile("(A?)([0-9])([0-9])e([0-9])");

    private final MobileNetV4Space space;

    public MobileNetV4Text(MobileNetV4Space space) {
        this.space = space;
    }

    /** The canonical form as text, read back by {@link #parse}. */
    public String toText(Architecture a) {
        space.check(a);
        StringBuilder b = new StringBuilder(space.value(a, MobileNetV4Space.ACTIVATION) == 0 ? "relu" : "gelu");
        b.append(space.value(a, MobileNetV4Space.LAYER_SCALE) == 1 ? " scale" : "");
        for (int s = 0; s < space.structure().stages().size(); s++) {
            b.append(';');
            int depth = space.value(a, space.depthAt(s));
            for (int i = 0; i < depth; i++) {
                int at = space.blockAt(s, i);
                boolean attention = space.hasAttention(s, i) && space.value(a, at + MobileNetV4Space.ATTENTION) == 1;
                b.append(attention ? " A" : " ")
                        .append(space.value(a, at + MobileNetV4Space.START))
                        .append(space.value(a, at + MobileNetV4Space.MIDDLE))
                        .append('e')
                        .append(space.value(a, at + MobileNetV4Space.EXPAND));
            }
        }
        return b.toString();
    }

    /** @throws InvalidInputException if the text is no architecture of the space, naming the first part that is wrong */
    public Architecture parse(String text) {
        if (text.length() > LONGEST) {
            throw wrong(text, "it is longer than %d characters".formatted(LONGEST));
        }
        String[] parts = text.strip().split("\\s*;\\s*", -1);
        int stages = space.structure().stages().size();
        if (parts.length != stages + 1) {
            throw wrong(text, "it has %d parts between semicolons, not %d".formatted(parts.length, stages + 1));
        }
        int[] c = new int[space.decisions().size()];
        switch (parts[0]) {
            case "relu" -> {}
            case "relu scale" -> c[MobileNetV4Space.LAYER_SCALE] = 1;
            case "gelu" -> c[MobileNetV4Space.ACTIVATION] = 1;
            case "gelu scale" -> {
                c[MobileNetV4Space.ACTIVATION] = 1;
                c[MobileNetV4Space.LAYER_SCALE] = 1;
            }
            default -> throw wrong(text, "it starts with neither relu nor gelu, with or without scale after it");
        }
        for (int s = 0; s < stages; s++) {
            String[] blocks = parts[s + 1].split("\\s+");
            set(c, space.depthAt(s), blocks.length, text);
            for (int b = 0; b < blocks.length; b++) {
                Matcher m = BLOCK.matcher(blocks[b]);
                if (!m.matches() || (!m.group(1).isEmpty() && !space.hasAttention(s, b))) {
                    throw wrong(
                            text,
                            "block %d of stage %d is '%s', where %s"
                                    .formatted(
                                            b,
                                            s,
                                            Names.shown(blocks[b]),
                                            m.matches()
                                                    ? "attention cannot stand"
                                                    : "two kernels, e and an expansion are due"));
                }
                int at = space.blockAt(s, b);
                set(c, at + MobileNetV4Space.START, Integer.parseInt(m.group(2)), text);
                set(c, at + MobileNetV4Space.MIDDLE, Integer.parseInt(m.group(3)), text);
                set(c, at + MobileNetV4Space.EXPAND, Integer.parseInt(m.group(4)), text);
                if (!m.group(1).isEmpty()) {
                    c[at + MobileNetV4Space.ATTENTION] = 1;
                }
            }
        }
        return Architecture.of(space.name(), c);
    }

    private void set(int[] c, int decision, int value, String text) {
        Decision d = space.decisions().get(decision);
        int choice = d.choices().indexOf((double) value);
        if (choice < 0) {
            throw wrong(text, "%s is %d, not one of %s".formatted(d.name(), value, d.choices()));
        }
        c[decision] = choice;
    }

    private InvalidInputException wrong(String text, String why) {
        return new InvalidInputException("'%s' is no architecture of %s: %s; write for example '%s'"
                .formatted(Names.shown(text), space.name(), why, toText(space.smallest())));
    }
}
