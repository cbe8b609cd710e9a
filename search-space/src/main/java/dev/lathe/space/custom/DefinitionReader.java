package dev.lathe.space.custom;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Names;
import dev.lathe.space.TaskShape;
import dev.lathe.space.custom.Definition.DecisionText;
import dev.lathe.space.custom.Definition.LayerText;
import dev.lathe.space.custom.Definition.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns nodes into a definition: knows every key, and says which line has one that is unknown, missing or of the wrong form. */
final class DefinitionReader {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,39}");
    private static final Pattern SPACE_NAME = Pattern.compile("[a-z][a-z0-9]*(?:-[a-z0-9]+)*");
    private static final int LONGEST_NAME = 60;
    private static final int LONGEST_DESCRIPTION = 300;
    private static final List<String> TOP = List.of("name", "description", "input", "requires", "decisions", "layers");
    private static final List<String> INPUT = List.of("channels", "height", "width", "classes");
    private static final List<String> COMMON = List.of("type", "when", "repeat", "decisions");

    private final Source source;

    private DefinitionReader(Source source) {
        this.source = source;
    }

    /** @throws InvalidInputException naming file, line and key, if it describes no space */
    static Definition read(Source source) {
        return new DefinitionReader(source).root(YamlReader.read(source));
    }

    private Definition root(YamlNode root) {
        Map<String, YamlNode.Entry> top = keys(root, "", TOP);
        for (String key : List.of("name", "description", "input", "decisions", "layers")) {
            require(top, key, root.line(), "");
        }
        Text name = text(get(top, "name"), "name");
        if (!SPACE_NAME.matcher(name.text()).matches() || name.text().length() > LONGEST_NAME) {
            throw source.error(
                    name.line(),
                    "name",
                    "'%s' is no name of a space; use small letters, digits and single hyphens, for example my-space"
                            .formatted(Names.shown(name.text())));
        }
        Text description = text(get(top, "description"), "description");
        if (description.text().length() > LONGEST_DESCRIPTION) {
            throw source.error(
                    description.line(), "description", "is longer than %d characters".formatted(LONGEST_DESCRIPTION));
        }
        List<Text> requires = new ArrayList<>();
        YamlNode.Entry conditions = top.get("requires");
        if (conditions != null) {
            for (YamlNode item : list(conditions.value(), "requires", "conditions such as input.side >= 8")) {
                requires.add(scalar(item, "requires"));
            }
        }
        List<LayerText> layers = layers(get(top, "layers"), "");
        checkClassifier(layers, get(top, "layers").line());
        return new Definition(
                source,
                name.text(),
                description.text().replaceAll("[\\s\\p{Cntrl}]+", " "),
                input(get(top, "input").value()),
                List.copyOf(requires),
                decisions(get(top, "decisions"), ""),
                layers);
    }

    private void checkClassifier(List<LayerText> layers, int line) {
        for (int i = 0; i < layers.size(); i++) {
            LayerText l = layers.get(i);
            refuseClassifierWithin(l.layers());
            boolean last = i == layers.size() - 1;
            if ((l.type() == LayerType.CLASSIFIER) != last) {
                throw source.error(
                        last ? line : l.line(),
                        last ? "layers" : l.key(),
                        "the classifier must be the last layer, and no other may be one; end with head: {type: classifier}");
            }
            if (last
                    && (l.when() != null || l.repeat() != null || !l.decisions().isEmpty())) {
                throw source.error(
                        l.line(),
                        l.key(),
                        "the classifier is always there, once; leave out when, repeat and decisions");
            }
        }
    }

    private void refuseClassifierWithin(List<LayerText> layers) {
        for (LayerText l : layers) {
            if (l.type() == LayerType.CLASSIFIER) {
                throw source.error(
                        l.line(), l.key(), "a classifier stands in a group; put it last in the file's layers");
            }
            refuseClassifierWithin(l.layers());
        }
    }

    private TaskShape input(YamlNode node) {
        Map<String, YamlNode.Entry> keys = keys(node, "input", INPUT);
        int[] v = new int[INPUT.size()];
        for (int i = 0; i < v.length; i++) {
            require(keys, INPUT.get(i), node.line(), "input");
            Text t = text(get(keys, INPUT.get(i)), "input." + INPUT.get(i));
            int least = i == 3 ? 2 : 1;
            int most = i == 0 ? 4096 : i == 3 ? 1_000_000 : 65_536;
            try {
                v[i] = Integer.parseInt(t.text());
            } catch (NumberFormatException e) {
                v[i] = -1;
            }
            if (v[i] < least || v[i] > most) {
                throw source.error(
                        t.line(),
                        t.key(),
                        "'%s' is no whole number from %d to %d".formatted(Names.shown(t.text()), least, most));
            }
        }
        return new TaskShape(v[0], v[1], v[2], v[3]);
    }

    private List<DecisionText> decisions(YamlNode.Entry entry, String prefix) {
        List<DecisionText> all = new ArrayList<>();
        String at = prefix + "decisions";
        for (YamlNode.Entry e : mapping(entry.value(), at, "names to lists of choices, for example depth: [1, 2]")) {
            checkName(e, "decision", at);
            String key = at + "." + e.key();
            YamlNode choices = e.value();
            Text when = null;
            if (choices instanceof YamlNode.Mapping) {
                Map<String, YamlNode.Entry> keys = keys(choices, key, List.of("choices", "when"));
                require(keys, "choices", e.line(), key);
                choices = get(keys, "choices").value();
                when = optional(keys, "when", key);
            }
            List<Text> texts = new ArrayList<>();
            for (YamlNode item : list(choices, key, "choices, smallest first, for example [3, 5]")) {
                texts.add(scalar(item, key));
            }
            if (texts.isEmpty()) {
                throw source.error(e.line(), key, "has no choices; list each value once, smallest first");
            }
            all.add(new DecisionText(e.key(), e.line(), key, List.copyOf(texts), when));
        }
        return List.copyOf(all);
    }

    private List<LayerText> layers(YamlNode.Entry entry, String prefix) {
        List<LayerText> all = new ArrayList<>();
        String at = prefix + "layers";
        for (YamlNode.Entry e : mapping(entry.value(), at, "names to layers")) {
            checkName(e, "layer", at);
            all.add(layer(e, prefix + e.key()));
        }
        if (all.isEmpty()) {
            throw source.error(entry.line(), at, "has no layers; give at least one");
        }
        return List.copyOf(all);
    }

    private LayerText layer(YamlNode.Entry entry, String key) {
        if (!(entry.value() instanceof YamlNode.Mapping m)) {
            throw source.error(
                    entry.line(),
                    key,
                    "is %s, not a layer; write for example {type: conv, outputs: 16, kernel: 3}"
                            .formatted(entry.value().kind()));
        }
        boolean group = m.entries().stream().anyMatch(x -> x.key().equals("layers"));
        YamlNode.Entry typeEntry = m.entries().stream()
                .filter(x -> x.key().equals("type"))
                .findFirst()
                .orElse(null);
        LayerType type = null;
        if (typeEntry != null && !group) {
            Text word = text(typeEntry, key + ".type");
            type = LayerType.byWord().get(word.text());
            if (type == null) {
                throw source.unknown(
                        word.line(),
                        word.key(),
                        "type of layer",
                        word.text(),
                        LayerType.byWord().keySet());
            }
        } else if (typeEntry != null || !group) {
            throw source.error(
                    entry.line(), key, "needs either a type, which makes it a layer, or layers, which make it a group");
        }
        Set<String> known = new LinkedHashSet<>(COMMON);
        if (type == null) {
            known.remove("type");
            known.add("layers");
        } else {
            type.parameters().forEach(p -> known.add(p.name()));
        }
        Map<String, YamlNode.Entry> keys = keys(m, key, known);
        YamlNode.Entry own = keys.get("decisions");
        return new LayerText(
                entry.key(),
                entry.line(),
                key,
                type,
                optional(keys, "when", key),
                optional(keys, "repeat", key),
                own == null ? List.of() : decisions(own, key + "."),
                type == null ? Map.of() : parameters(type, keys, entry.line(), key),
                type == null ? layers(get(keys, "layers"), key + ".") : List.of());
    }

    private Map<String, Text> parameters(LayerType type, Map<String, YamlNode.Entry> keys, int line, String key) {
        Map<String, Text> all = new LinkedHashMap<>();
        for (LayerType.Parameter p : type.parameters()) {
            if (p.required()) {
                require(keys, p.name(), line, key);
            }
            Text given = optional(keys, p.name(), key);
            if (given == null) {
                if (p.usual() != null) {
                    all.put(p.name(), new Text(p.usual(), line, key + "." + p.name()));
                }
                continue;
            }
            if (!p.words().isEmpty() && !p.words().contains(given.text())) {
                throw source.unknown(given.line(), given.key(), p.name(), given.text(), p.words());
            }
            all.put(p.name(), given);
        }
        return all;
    }

    private void checkName(YamlNode.Entry e, String what, String at) {
        if (!NAME.matcher(e.key()).matches() || ExpressionParser.RESERVED.contains(e.key())) {
            throw source.error(
                    e.line(),
                    at,
                    "'%s' is no name of a %s; use a letter, then letters, digits and _, and none of the words %s"
                            .formatted(Names.shown(e.key()), what, String.join(", ", ExpressionParser.RESERVED)));
        }
    }

    private Map<String, YamlNode.Entry> keys(YamlNode node, String key, Iterable<String> known) {
        Set<String> names = new LinkedHashSet<>();
        known.forEach(names::add);
        Map<String, YamlNode.Entry> all = new LinkedHashMap<>();
        for (YamlNode.Entry e : mapping(node, key, "keys to values: " + String.join(", ", names))) {
            if (!names.contains(e.key())) {
                if (e.key().endsWith(")")) {
                    throw source.error(
                            e.line(),
                            key,
                            "'%s' is no key but the end of an expression; within { } put quotes around one that has commas"
                                    .formatted(Names.shown(e.key())));
                }
                throw source.unknown(e.line(), key, "key", e.key(), names);
            }
            all.put(e.key(), e);
        }
        return all;
    }

    private List<YamlNode.Entry> mapping(YamlNode node, String key, String wanted) {
        if (node instanceof YamlNode.Mapping m) {
            return m.entries();
        }
        throw source.error(node.line(), key, "is %s; write a mapping of %s".formatted(node.kind(), wanted));
    }

    private List<YamlNode> list(YamlNode node, String key, String wanted) {
        if (node instanceof YamlNode.Sequence s) {
            return s.items();
        }
        throw source.error(node.line(), key, "is %s; write a list of %s".formatted(node.kind(), wanted));
    }

    private void require(Map<String, YamlNode.Entry> keys, String name, int line, String key) {
        if (!keys.containsKey(name)) {
            throw source.error(line, key, "the key '%s' is missing; add it".formatted(name));
        }
    }

    private static YamlNode.Entry get(Map<String, YamlNode.Entry> keys, String name) {
        return java.util.Objects.requireNonNull(keys.get(name), name);
    }

    private @Nullable Text optional(Map<String, YamlNode.Entry> keys, String name, String key) {
        YamlNode.Entry e = keys.get(name);
        return e == null ? null : text(e, key + "." + name);
    }

    private Text text(YamlNode.Entry e, String key) {
        return scalar(e.value(), key);
    }

    private Text scalar(YamlNode node, String key) {
        if (!(node instanceof YamlNode.Scalar s) || s.text().isBlank()) {
            throw source.error(node.line(), key, "is %s; write one number, word or expression".formatted(node.kind()));
        }
        if (s.text().strip().matches("[-+]?\\.?(?i:inf|nan|infinity)")) {
            throw source.error(
                    s.line(), key, "'%s' is no finite number; write digits".formatted(Names.shown(s.text())));
        }
        return new Text(s.text().strip(), s.line(), key);
    }
}
