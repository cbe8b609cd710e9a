package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What people read is true where a program can tell: reference pages, links, command lines, names of reproductions. */
class DocsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path REFERENCE = ROOT.resolve("docs").resolve("reference");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern INLINE = Pattern.compile("(?<!`)`([^`\\n]+)`(?!`)");
    /** Words that stand for something in a command line of a text. */
    private static final Pattern PLACEHOLDER = Pattern.compile("[A-Z][A-Z0-9_]+|…|\\.\\.\\.");

    private static final CommandLine LINE = Main.commandLine();

    static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md"), ROOT.resolve("notebooks/README.md")));
        try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
            files.filter(f -> f.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        return pages;
    }

    @Test
    void theReferencePagesAreWhatTheCodeGives(@TempDir Path folder) throws Exception {
        assertThat(Lathe.run("docs", folder).exitCode()).isZero();
        for (Map.Entry<String, String> page : ReferencePages.all().entrySet()) {
            assertThat(Files.readString(folder.resolve(page.getKey()))).isEqualTo(page.getValue());
            assertThat(REFERENCE.resolve(page.getKey()))
                    .as("after a change run: ./lathe docs docs/reference")
                    .hasContent(page.getValue());
        }
        try (Stream<Path> files = Files.list(REFERENCE)) {
            assertThat(files.map(f -> String.valueOf(f.getFileName())))
                    .containsExactlyInAnyOrderElementsOf(ReferencePages.all().keySet());
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksWithinTheProjectLeadSomewhere(Path page) throws Exception {
        List<String> broken = new ArrayList<>();
        Matcher m = LINK.matcher(withoutCode(Files.readString(page)));
        while (m.find()) {
            String target = m.group(1);
            if (target.matches("[a-z]+:.*")) {
                URI.create(target);
                continue;
            }
            int hash = target.indexOf('#');
            String path = hash < 0 ? target : target.substring(0, hash);
            Path file = path.isEmpty() ? page : page.resolveSibling(path).normalize();
            boolean there = file.startsWith(ROOT) && Files.exists(file);
            if (!there || hash >= 0 && !anchors(file).contains(target.substring(hash + 1))) {
                broken.add(target);
            }
        }
        assertThat(broken).isEmpty();
    }

    /** Anchors as GitHub makes them: small letters, hyphens for spaces, without punctuation; repeated ones get a number. */
    private static Set<String> anchors(Path page) throws IOException {
        Set<String> anchors = new HashSet<>();
        for (String line : withoutCode(Files.readString(page)).lines().toList()) {
            if (line.matches("#{1,6} .*")) {
                String text = line.replaceFirst("#+ ", "").replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1");
                String anchor = text.toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .strip()
                        .replace(' ', '-');
                String unique = anchor;
                for (int i = 1; !anchors.add(unique); i++) {
                    unique = anchor + "-" + i;
                }
            }
        }
        return anchors;
    }

    private static String withoutCode(String markdown) {
        return markdown.replaceAll("(?ms)^```.*?^```\\s*$", "");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyCommandLineIsOneThatTheProgramTakes(Path page) throws Exception {
        List<String> refused = new ArrayList<>();
        String text = Files.readString(page);
        // A command may be named in the text without what it needs; in a block of shell it is whole.
        commands(text, false).forEach(c -> refusal(c, true).ifPresent(refused::add));
        commands(text, true).forEach(c -> refusal(c, false).ifPresent(refused::add));
        assertThat(refused).isEmpty();
    }

    private static Optional<String> refusal(String command, boolean mayBeNamedOnly) {
        List<String> words = Cells.split(command);
        try {
            LINE.parseArgs(words.toArray(String[]::new));
        } catch (CommandLine.MissingParameterException e) {
            return mayBeNamedOnly ? Optional.empty() : Optional.of("lathe %s: %s".formatted(command, e.getMessage()));
        } catch (CommandLine.ParameterException e) {
            return Optional.of("lathe %s: %s".formatted(command, e.getMessage()));
        }
        boolean isUnknown = words.size() > 1
                && words.get(0).equals("reproduce")
                && !PLACEHOLDER.matcher(words.get(1)).matches()
                && !words.get(1).startsWith("-")
                && !ReproduceCommand.all().containsKey(words.get(1));
        return isUnknown ? Optional.of("there is nothing to reproduce as " + words.get(1)) : Optional.empty();
    }

    /** Command lines of a page, without the word lathe: those in blocks of shell, or those in the text. */
    private static List<String> commands(String markdown, boolean inShell) {
        List<String> found = new ArrayList<>();
        boolean shell = false;
        boolean code = false;
        for (String line : markdown.lines().toList()) {
            if (line.startsWith("```")) {
                shell = !code && line.equals("```sh");
                code = !code;
            } else if (shell && inShell) {
                shellCommands(line, found);
            } else if (!code && !inShell) {
                Matcher m = INLINE.matcher(line);
                while (m.find()) {
                    shellCommands(m.group(1), found);
                }
            }
        }
        return found;
    }

    private static void shellCommands(String line, List<String> into) {
        for (String part : line.replaceFirst("(^|\\s)#.*", "").split("&&|\\||;|>|<\\(|\\)")) {
            String command = part.strip().replaceFirst("^(?:[A-Z_]+=(?:\\$\\([^ ]*|\\S+)\\s+)*", "");
            if (command.matches("(\\./)?lathe( .*)?")) {
                String words = command.replaceFirst("(\\./)?lathe ?", "").strip();
                String first = words.split(" ", 2)[0];
                if (!words.isEmpty() && !PLACEHOLDER.matcher(first).matches()) {
                    into.add(words.replaceAll("\\s(…|\\.\\.\\.)", ""));
                }
            }
        }
    }

    @Test
    void commandLinesAreFoundWhereTheyStand() {
        String page = """
            `lathe run` and `latheless` and `lathe COMMAND --help`, `source <(./lathe completion)`
            ```sh
            ./lathe run --budget latency='80 us'    # a comment
            KEY=$(cat secret) ./lathe search --out x && ./lathe report --out x
            ./lathe spaces schema > f.json
            ```
            ```text
            lathe nonsense
            ```
            """;
        assertThat(commands(page, false)).containsExactly("run", "completion");
        assertThat(commands(page, true))
                .containsExactly("run --budget latency='80 us'", "search --out x", "report --out x", "spaces schema");
        assertThat(refusal("run --budgte latency=p30", true)).isPresent();
        assertThat(refusal("verify", true)).isEmpty();
        assertThat(refusal("verify", false)).isPresent();
        assertThat(refusal("reproduce nothing", false)).isPresent();
    }

    @Test
    void everyReproductionStandsOnItsPage() throws Exception {
        String page = Files.readString(ROOT.resolve("docs/reproduced.md"));
        assertThat(ReproduceCommand.all().keySet())
                .allSatisfy(n -> assertThat(page).contains("| `" + n + "` |"));
    }

    @Test
    void everyPageIsListed() throws Exception {
        String index = Files.readString(ROOT.resolve("docs/README.md"));
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            files.filter(f -> f.toString().endsWith(".md") && !f.endsWith("README.md"))
                    .forEach(f -> assertThat(index).contains("(" + f.getFileName() + ")"));
        }
    }
}
