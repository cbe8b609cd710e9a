package dev.lathe.space.custom;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Json;
import dev.lathe.base.Names;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads one YAML document into {@link YamlNode}s. Only what data needs is taken: no anchors and aliases (a few lines of which can
 * stand for gigabytes), no tags, no second document, at most {@value #MOST_DEPTH} levels, no key twice.
 */
final class YamlReader {
    static final int MOST_DEPTH = 24;
    private static final Pattern LINE = Pattern.compile("line (\\d{1,7})");

    private final Source source;
    private final JsonParser parser;

    private YamlReader(Source source, JsonParser parser) {
        this.source = source;
        this.parser = parser;
    }

    /** @throws InvalidInputException naming file and line, if the text is no such document */
    static YamlNode read(Source source) {
        try (JsonParser parser = Json.yaml().getFactory().createParser(source.text())) {
            // Repeated keys are found here, where both lines are known.
            parser.disable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
            YamlReader reader = new YamlReader(source, parser);
            if (parser.nextToken() == null) {
                throw source.error(1, "", "the file is empty; give it the keys name, input, decisions and layers");
            }
            YamlNode root = reader.node(0);
            if (parser.nextToken() != null) {
                throw source.error(reader.line(), "", "a second document begins here; give each space its own file");
            }
            return root;
        } catch (StreamConstraintsException e) {
            throw source.error(
                    line(e), "", "the document is too deep or has a value too long; write it with fewer levels");
        } catch (JsonProcessingException e) {
            throw source.error(line(e), "", "is no YAML: " + Names.shown(reason(e)) + "; mend that line");
        } catch (IOException e) {
            throw new IllegalStateException("A text was not read", e);
        }
    }

    /** Where the problem is: the last place that the message names, for the first is where the parser began. */
    private static int line(JsonProcessingException e) {
        Matcher m = LINE.matcher(String.valueOf(e.getOriginalMessage()));
        int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
        while (m.find()) {
            line = Integer.parseInt(m.group(1));
        }
        return line;
    }

    /** What is wrong, without the places and the excerpts, each of which has a caret below it. */
    private static String reason(JsonProcessingException e) {
        List<String> lines = String.valueOf(e.getOriginalMessage())
                .lines()
                .map(String::strip)
                .toList();
        String reason = "it cannot be parsed";
        for (int i = 0; i < lines.size(); i++) {
            String s = lines.get(i);
            boolean excerpt = i + 1 < lines.size() && lines.get(i + 1).equals("^");
            if (!s.isEmpty() && !s.equals("^") && !s.startsWith("in ") && !s.startsWith("while ") && !excerpt) {
                reason = s;
            }
        }
        return reason;
    }

    private int line() {
        return parser.currentTokenLocation().getLineNr();
    }

    private YamlNode node(int depth) throws IOException {
        int line = line();
        if (depth > MOST_DEPTH) {
            throw source.error(line, "", "more than %d levels are nested; write it flatter".formatted(MOST_DEPTH));
        }
        refuseReferences(line);
        JsonToken token = parser.currentToken();
        switch (token) {
            case START_OBJECT -> {
                List<YamlNode.Entry> entries = new ArrayList<>();
                Map<String, Integer> lines = new HashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String key = parser.currentName();
                    int keyLine = line();
                    refuseReferences(keyLine);
                    Integer before = lines.put(key, keyLine);
                    if (before != null) {
                        throw source.error(
                                keyLine,
                                Names.shown(key),
                                "the key stands twice, first on line %d; leave one out".formatted(before));
                    }
                    parser.nextToken();
                    entries.add(new YamlNode.Entry(key, keyLine, node(depth + 1)));
                }
                return new YamlNode.Mapping(List.copyOf(entries), line);
            }
            case START_ARRAY -> {
                List<YamlNode> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(node(depth + 1));
                }
                return new YamlNode.Sequence(List.copyOf(items), line);
            }
            case VALUE_NULL -> {
                return new YamlNode.Scalar("", line);
            }
            default -> {
                return new YamlNode.Scalar(parser.getText(), line);
            }
        }
    }

    private void refuseReferences(int line) throws IOException {
        boolean alias = parser instanceof YAMLParser y && y.isCurrentAlias();
        if (alias || parser.getObjectId() != null) {
            throw source.error(
                    line, "", "anchors (&) and aliases (*) are not taken; use repeat, or write the part out again");
        }
        if (parser.getTypeId() != null) {
            throw source.error(line, "", "tags (!) are not taken; leave it out");
        }
    }
}
