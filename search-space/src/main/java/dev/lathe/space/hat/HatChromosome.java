package dev.lathe.space.hat;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.Architecture;
import dev.lathe.space.Decision;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * HAT's encoding for evolutionary search: a fixed number of genes, 40 in the published spaces, each a value. In order: encoder
 * width, encoder layers, feed-forward width of each encoder layer, heads of each; decoder width, decoder layers, then of each
 * decoder layer the feed-forward width, the self heads, the cross heads, and the code of the attended encoder layers (-1 the
 * last, 1 the last two, 2 the last three). Genes of layers beyond the depth say nothing: they are read and forgotten, and
 * written as the first choice.
 */
public final class HatChromosome {
    private static final int ENCODER_LAYERS = 1;
    private static final int LONGEST_TEXT = 4096;

    private final HatSpace space;

    public HatChromosome(HatSpace space) {
        this.space = space;
    }

    /** Number of genes: one for each decision, and the encoder's fixed depth. */
    public int length() {
        return space.decisions().size() + 1;
    }

    /** The genes of the canonical form of {@code a}. */
    public int[] genes(Architecture a) {
        Architecture canonical = space.canonical(a);
        List<Decision> decisions = space.decisions();
        int[] genes = new int[length()];
        for (int i = 0; i < genes.length; i++) {
            if (i == ENCODER_LAYERS) {
                genes[i] = space.settings().encoderLayers();
            } else {
                int decision = decision(i);
                int value = decisions.get(decision).intValue(canonical.choice(decision));
                genes[i] = isCode(i) ? HatConfiguration.attendedCode(value) : value;
            }
        }
        return genes;
    }

    /**
     * The canonical architecture of a chromosome.
     *
     * @throws InvalidInputException if there are too few or too many genes, or one has a value that is no choice
     */
    public Architecture architecture(int... genes) {
        if (genes.length != length()) {
            throw new InvalidInputException("a chromosome of search space %s has %d genes, not %d"
                    .formatted(space.name(), length(), genes.length));
        }
        int[] choices = new int[space.decisions().size()];
        for (int i = 0; i < genes.length; i++) {
            if (i == ENCODER_LAYERS) {
                require(genes[i] == space.settings().encoderLayers(), i, genes[i], "encoder.layers");
            } else {
                Decision d = space.decisions().get(decision(i));
                int value = isCode(i) ? HatConfiguration.attendedLayers(genes[i]) : genes[i];
                int choice = d.choices().indexOf((double) value);
                require(choice >= 0, i, genes[i], d.name());
                choices[decision(i)] = choice;
            }
        }
        return space.canonical(Architecture.of(space.name(), choices));
    }

    /** The genes, separated by spaces. */
    public String toText(Architecture a) {
        return IntStream.of(genes(a)).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    }

    /** @throws InvalidInputException if the text is not what {@link #toText} writes */
    public Architecture parse(String text) {
        String[] parts = text.length() > LONGEST_TEXT ? new String[0] : text.split(" ", -1);
        int[] genes = new int[parts.length];
        try {
            for (int i = 0; i < genes.length; i++) {
                genes[i] = Integer.parseInt(parts[i]);
            }
        } catch (NumberFormatException e) {
            genes = new int[0];
        }
        if (genes.length == 0) {
            throw new InvalidInputException(
                    "'%s' is no chromosome; write %d whole numbers with one space between, for example %s"
                            .formatted(Names.shown(text), length(), toText(space.smallest())));
        }
        return architecture(genes);
    }

    /** The decision that gene {@code i} is of, where it is not the encoder's depth. */
    private static int decision(int i) {
        return i < ENCODER_LAYERS ? i : i - 1;
    }

    private boolean isCode(int i) {
        return i >= length() - space.settings().decoderLayers();
    }

    private void require(boolean condition, int gene, int value, String what) {
        if (!condition) {
            throw new InvalidInputException("gene %d of a chromosome of search space %s, %s, cannot be %d"
                    .formatted(gene, space.name(), what, value));
        }
    }
}
