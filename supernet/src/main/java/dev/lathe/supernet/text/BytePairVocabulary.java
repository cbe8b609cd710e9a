package dev.lathe.supernet.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import dev.lathe.space.TranslationTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of byte-pair encoding: four special ones, characters, and what merges make of them. Encoding and decoding lose
 * nothing but the kind and number of blanks. Immutable, for any number of threads.
 *
 * <p>Stored as {@code tokenizer.json}, the form of the Hugging Face tokenizers, which read it and give the same tokens.
 */
public final class BytePairVocabulary {
    /** What shorter sentences of a batch are filled up with; no token of any sentence. */
    public static final int PADDING = TranslationTask.PADDING;
    /** What a translation starts from. */
    public static final int BEGIN = TranslationTask.BEGIN;
    /** The end of a sentence. */
    public static final int END = TranslationTask.END;
    /** A character that the training text did not hold. */
    public static final int UNKNOWN = TranslationTask.UNKNOWN;

    private static final List<String> SPECIAL = List.of("<pad>", "<s>", "</s>", "<unk>");
    private static final long LARGEST_FILE = 64L << 20;
    private static final int MOST_KEPT = 200_000;
    private static final int UNRANKED = Integer.MAX_VALUE;

    /** Two neighbouring tokens that become one. */
    record Merge(String left, String right) {}

    private record Pair(int left, int right) {}

    private record Rank(int rank, int merged) {}

    private final List<String> tokens;
    private final List<Merge> merges;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<Pair, Rank> ranks = new HashMap<>();
    private final Map<String, int[]> known = new ConcurrentHashMap<>();

    private BytePairVocabulary(List<String> tokens, List<Merge> merges) {
        this.tokens = List.copyOf(tokens);
        this.merges = List.copyOf(merges);
        for (int i = 0; i < this.tokens.size(); i++) {
            numbers.put(this.tokens.get(i), i);
        }
        for (int i = 0; i < this.merges.size(); i++) {
            Merge m = this.merges.get(i);
            ranks.putIfAbsent(new Pair(number(m.left()), number(m.right())), new Rank(i, number(m.left() + m.right())));
        }
    }

    /** Special tokens, then the characters, then the merges in their order. */
    static BytePairVocabulary of(List<String> alphabet, List<Merge> merges) {
        Set<String> all = new LinkedHashSet<>(SPECIAL);
        all.addAll(alphabet);
        merges.forEach(m -> all.add(m.left() + m.right()));
        return new BytePairVocabulary(new ArrayList<>(all), merges);
    }

    /**
     * Learns a vocabulary from texts, for example the two sides of a parallel text.
     *
     * @param texts lines of each text
     * @param merges the most merges; beside them there are as many tokens as the texts have characters, and four
     */
    public static BytePairVocabulary learn(List<? extends Collection<String>> texts, int merges) {
        return BytePairLearner.learn(texts, merges);
    }

    private int number(String token) {
        return numbers.getOrDefault(token, UNKNOWN);
    }

    /** Number of tokens; token numbers are below it. */
    public int size() {
        return tokens.size();
    }

    /** The text of a token, with the mark of a blank in it. */
    public String token(int number) {
        return tokens.get(number);
    }

    /** The tokens of a line, without special ones at its ends; a text cannot hold a special token. */
    public int[] encode(String line) {
        List<int[]> parts = new ArrayList<>();
        Words.split(line, word -> {
            int[] part = known.get(word);
            if (part == null) {
                part = merged(word);
                if (known.size() < MOST_KEPT) {
                    known.put(word, part);
                }
            }
            parts.add(part);
        });
        return parts.stream().flatMapToInt(Arrays::stream).toArray();
    }

    private int[] merged(String word) {
        int[] t = word.codePoints().map(c -> number(Character.toString(c))).toArray();
        int n = t.length;
        while (true) {
            int best = UNRANKED;
            int at = -1;
            int merged = UNKNOWN;
            for (int i = 0; i + 1 < n; i++) {
                Rank r = ranks.get(new Pair(t[i], t[i + 1]));
                if (r != null && r.rank() < best) {
                    best = r.rank();
                    at = i;
                    merged = r.merged();
                }
            }
            if (at < 0) {
                return Arrays.copyOf(t, n);
            }
            t[at] = merged;
            System.arraycopy(t, at + 2, t, at + 1, n - at - 2);
            n--;
        }
    }

    /** The text of tokens; special ones are left out, an unknown one is shown as U+FFFD. */
    public String decode(int[] sentence) {
        StringBuilder b = new StringBuilder();
        for (int t : sentence) {
            if (t == UNKNOWN) {
                b.append('\uFFFD');
            } else if (t > UNKNOWN) {
                b.append(tokens.get(t));
            }
        }
        return b.toString().replace(Words.BLANK, ' ').strip();
    }

    /** The text of a {@code tokenizer.json}. */
    public String toJson() {
        ObjectNode root = Json.json().createObjectNode();
        root.put("version", "1.0").putNull("truncation").putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        for (int i = 0; i < SPECIAL.size(); i++) {
            added.addObject()
                    .put("id", i)
                    .put("content", SPECIAL.get(i))
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
        root.setAll(textForm());
        root.putNull("post_processor");
        ObjectNode model = root.putObject("model").put("type", "BPE").putNull("dropout");
        model.put("unk_token", SPECIAL.get(UNKNOWN))
                .putNull("continuing_subword_prefix")
                .putNull("end_of_word_suffix")
                .put("fuse_unk", false)
                .put("byte_fallback", false);
        ObjectNode vocabulary = model.putObject("vocab");
        for (int i = 0; i < tokens.size(); i++) {
            vocabulary.put(tokens.get(i), i);
        }
        ArrayNode pairs = model.putArray("merges");
        merges.forEach(m -> pairs.add(m.left() + " " + m.right()));
        return root.toString();
    }

    /** How text is cut, and put together again. */
    private static ObjectNode textForm() {
        ObjectNode root = Json.json().createObjectNode();
        ArrayNode normalizers =
                root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        normalizers.addObject().put("type", "NFC");
        ObjectNode blanks = normalizers.addObject().put("type", "Replace");
        blanks.putObject("pattern").put("Regex", Words.BLANKS);
        blanks.put("content", " ");
        normalizers.addObject().put("type", "Strip").put("strip_left", true).put("strip_right", true);
        ArrayNode cuts = root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        cuts.add(metaspace());
        cuts.addObject().put("type", "Punctuation").put("behavior", "Isolated");
        root.set("decoder", metaspace());
        return root;
    }

    private static ObjectNode metaspace() {
        return Json.json()
                .createObjectNode()
                .put("type", "Metaspace")
                .put("replacement", String.valueOf(Words.BLANK))
                .put("prepend_scheme", "always")
                .put("split", true);
    }

    /**
     * Reads a vocabulary that {@link #toJson} wrote.
     *
     * @throws InvalidInputException if the file is missing, damaged, or of another form
     */
    public static BytePairVocabulary read(Path file) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > LARGEST_FILE) {
                throw broken(file, "it is missing, or larger than %d MiB".formatted(LARGEST_FILE >> 20));
            }
            return parse(file, Json.json().readTree(Files.readString(file)));
        } catch (JsonProcessingException e) {
            throw broken(file, "it is no JSON");
        } catch (IOException e) {
            throw broken(file, "it cannot be read");
        }
    }

    private static BytePairVocabulary parse(Path file, @Nullable JsonNode root) {
        if (root == null || !root.isObject()) {
            throw broken(file, "it is no JSON object");
        }
        ObjectNode form = textForm();
        form.fieldNames().forEachRemaining(name -> {
            if (!form.get(name).equals(root.get(name))) {
                throw broken(file, "its %s is another one".formatted(name));
            }
        });
        JsonNode model = root.path("model");
        if (!model.path("type").asText().equals("BPE") || !model.path("vocab").isObject()) {
            throw broken(file, "it holds no BPE model");
        }
        return new BytePairVocabulary(tokens(file, model.path("vocab")), merges(file, model));
    }

    private static List<String> tokens(Path file, JsonNode vocabulary) {
        String[] tokens = new String[vocabulary.size()];
        vocabulary.fields().forEachRemaining(f -> {
            JsonNode n = f.getValue();
            int number = n.isIntegralNumber() && n.canConvertToInt() ? n.intValue() : -1;
            if (number < 0 || number >= tokens.length || tokens[number] != null) {
                throw broken(
                        file,
                        "token '%s' has the number %s".formatted(Names.shown(f.getKey()), Names.shown(n.toString())));
            }
            tokens[number] = f.getKey();
        });
        List<String> list = Arrays.asList(tokens);
        if (list.size() < SPECIAL.size() || !list.subList(0, SPECIAL.size()).equals(SPECIAL)) {
            throw broken(file, "its first tokens are not " + String.join(" ", SPECIAL));
        }
        return list;
    }

    private static List<Merge> merges(Path file, JsonNode model) {
        List<Merge> merges = new ArrayList<>();
        for (JsonNode n : model.path("merges")) {
            String[] pair = n.asText().split(" ", -1);
            boolean good = pair.length == 2;
            for (String side : pair) {
                good &= model.path("vocab").has(side);
            }
            if (!good || !model.path("vocab").has(pair[0] + pair[1])) {
                throw broken(file, "merge '%s' is not of two tokens to a third".formatted(Names.shown(n.toString())));
            }
            merges.add(new Merge(pair[0], pair[1]));
        }
        return merges;
    }

    private static InvalidInputException broken(Path file, String what) {
        return new InvalidInputException(
                "vocabulary %s cannot be used: %s; give a tokenizer.json that Lathe wrote".formatted(file, what));
    }
}
