package dev.lathe.space.custom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.graph.CostModel;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/custom-spaces.md says is so. */
class CustomSpacesDocTest {
    private static final Pattern YAML = Pattern.compile("```yaml\n(name:.*?)```", Pattern.DOTALL);

    private static String page() throws IOException {
        return Files.readString(Path.of("..", "docs", "custom-spaces.md"));
    }

    private static List<String> examples() throws IOException {
        List<String> all = new ArrayList<>();
        for (Matcher m = YAML.matcher(page()); m.find(); ) {
            all.add(m.group(1));
        }
        return all;
    }

    private static SearchSpace space(String text) {
        SpaceFile file = SpaceFile.parse("my-space.yaml", text);
        return file.space(file.usualTask());
    }

    @Test
    void itsExamplesAreSpaces() throws IOException {
        assertThat(examples()).hasSize(3);
        for (String text : examples()) {
            SearchSpace space = space(text);
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < 50; i++) {
                assertThat(CostModel.of(space.lower(space.random(random))).macs())
                        .isPositive();
            }
        }
        assertThat(space(examples().get(0)).size()).isEqualTo(3);
    }

    @Test
    void itNamesEveryLayerAndParameterAndFunction() throws IOException {
        String page = page();
        for (LayerType type : LayerType.values()) {
            String row = page.lines()
                    .filter(line -> line.startsWith("| `" + type.word() + "` |"))
                    .findFirst()
                    .orElse("no row");
            for (LayerType.Parameter p : type.parameters()) {
                String key = p.usual() == null ? "`" + p.name() + "`" : "`" + p.name() + ": " + p.usual() + "`";
                assertThat(row).as("%s of %s", p.name(), type.word()).contains(key);
            }
        }
        for (String activation : LayerType.activations()) {
            assertThat(page).contains("`" + activation + "`");
        }
        for (String word : ExpressionParser.RESERVED) {
            assertThat(page).containsPattern("[`. (]" + word + "\\b");
        }
    }

    @Test
    void itsMessagesAreReal() throws IOException {
        String deeper = examples().get(1);
        said(deeper.replaceFirst("16 \\* width", "16 * widht"), page());
        said(deeper.replace("[0.5, 0.75, 1.0]", "[0.5, 0.51, 1.0]"), page());
        said(deeper.replace("kernel: [3, 5]", "kernel: [3, 4]"), page());
        said(deeper.replace("gated: [0, 1]", "gated: {choices: [0, 1], when: gate == 0.5}"), page());
        said(
                deeper.replace("16 * width, divisor: 4", "60000 * width, divisor: 1")
                        .replace("pick(stage.index, 16, 32) * width", "90000"),
                page());
    }

    @Test
    void itsFiguresAreThoseOfTheExample() throws IOException {
        SearchSpace deeper = space(examples().get(1));
        assertThat(page()).contains("%,d architectures".formatted(deeper.size()), "`" + deeper.largest() + "`");
        for (Architecture a : List.of(deeper.smallest(), deeper.largest())) {
            CostModel.Cost c = CostModel.of(deeper.lower(a));
            assertThat(page()).contains("%,d parameters, %,d MACs".formatted(c.parameters(), c.macs()));
        }
    }

    /** The page shortens messages by an ellipsis. */
    private static void said(String text, String page) {
        assertThatThrownBy(() -> space(text))
                .satisfies(e -> assertThat(page.lines()
                                .filter(line -> line.startsWith("my-space.yaml"))
                                .anyMatch(line -> {
                                    String[] parts = line.split("…", -1);
                                    String rest = String.valueOf(e.getMessage());
                                    for (String part : parts) {
                                        int at = rest.indexOf(part);
                                        if (at < 0) {
                                            return false;
                                        }
                                        rest = rest.substring(at + part.length());
                                    }
                                    return true;
                                }))
                        .as(e.getMessage())
                        .isTrue());
    }
}
