package dev.lathe.space.custom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a file is said by file, line and key. */
class SpaceFileTest {
    /** Line numbers below are of this text. */
    private static final String GOOD = """
            name: small
            description: a small space
            input: {channels: 1, height: 8, width: 8, classes: 10}
            decisions:
              width: [1, 2]
              depth: [1, 2]
            layers:
              stem: {type: conv, outputs: 8 * width, kernel: 3}
              block:
                type: conv
                repeat: depth
                decisions:
                  kernel: [3, 5]
                outputs: 8 * width
                kernel: kernel
              head: {type: classifier}
            """;

    private static SearchSpace make(String text) {
        SpaceFile f = SpaceFile.parse("my.yaml", text);
        return f.space(f.usualTask());
    }

    private static void refused(String text, String... parts) {
        assertThatThrownBy(() -> make(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(parts)
                .hasMessageStartingWith("my.yaml line ")
                .message()
                .satisfies(m -> assertThat(m.lines()).hasSize(1))
                .hasSizeLessThan(900);
    }

    @Test
    void theTextBelowIsGood() {
        SearchSpace space = make(GOOD);
        assertThat(space.name()).isEqualTo("small");
        assertThat(space.decisions())
                .extracting("name")
                .containsExactly("width", "depth", "block0.kernel", "block1.kernel");
        assertThat(space.size()).isEqualTo(2 * (2 + 4));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // What is replaced | by what | line and key | what the message says
                "description: | descripton: | line 2: | did you mean 'description'?",
                "kernel: kernel | kernl: kernel | line 15, block: | did you mean 'kernel'?",
                "type: classifier | type: clasifier | line 16, head.type: | did you mean 'classifier'?",
                "8 * width, kernel | 8 * widht, kernel | line 8, stem.outputs: | did you mean 'width'?",
                "name: small | name: Not a name | line 1, name: | small letters",
                "width: [1, 2] | width: [] | line 5, decisions.width: | smallest first",
                "width: [1, 2] | width: [2, 1] | line 5, decisions.width: | 1 follows 2",
                "width: [1, 2] | width: [1, 1.0] | line 5, decisions.width: | unsorted or repeated",
                "width: [1, 2] | width: 3 | line 5, decisions.width: | write a list",
                "width: [1, 2] | width: [1, .inf] | line 5, decisions.width: | no finite number",
                "width: [1, 2] | width: [.nan, 2] | line 5, decisions.width: | no finite number",
                "width: [1, 2] | width: [1, 1e999] | line 5, decisions.width: | no finite number",
                "width: [1, 2] | width: [1, depth] | line 5, decisions.width: | 'depth'",
                "width: [1, 2] | width: [1, 1000000] | line 8, stem.outputs: | at most 1000000",
                "width: [1, 2] | width: [1, 90000] | line 9, block: | can be indexed",
                "width: [1, 2] | width: [-1, 2] | line 8, stem.outputs: | above 0",
                "width: [1, 2] | width: [1, 1.01] | line 5, decisions.width: | make the same network",
                "width: [1, 2] | unused: [1, 2] | line 8, stem.outputs: | 'width'",
                "depth: [1, 2] | depth: [1, 2.5] | line 11, block.repeat: | number of copies",
                "depth: [1, 2] | depth: [1, 4000] | line 11, block.repeat: | too many",
                "depth: [1, 2] | depth: {choices: [1, 2], when: depth == 1} | line 6, decisions.depth.when: | depth -> depth",
                "depth: [1, 2] | depth: {choices: [1, 2], when: block1.kernel == 3} | block.repeat: | depth -> block1.kernel -> depth",
                "depth: [1, 2] | depth: {choices: [1, 2], when: width} | line 6, decisions.depth.when: | not a condition",
                "depth: [1, 2] | depth: {choices: [1, 2], when: width > 9} | line 6, decisions.depth: | never there",
                "depth: [1, 2] | width: [1, 2] | line 6, width: | twice, first on line 5",
                "repeat: depth | repeat: kernel | line 11, block.repeat: | a circle",
                "kernel: [3, 5] | kernel: [3, 4] | line 15, block.kernel: | kernels are odd",
                "kernel: [3, 5] | if: [3, 5] | line 13, block.decisions: | 'if' is no name",
                "kernel: kernel | kernel: kernel / 0 | line 15, block.kernel: | no finite number",
                "kernel: kernel | kernel: kernel == 3 | line 15, block.kernel: | a condition, not a number",
                "kernel: kernel | kernel: (kernel | line 15, block.kernel: | a ) is missing",
                "kernel: kernel | kernel: power(kernel, 2) | line 15, block.kernel: | no function 'power'",
                "kernel: kernel | kernel: pick(width, 3, 5) | line 15, block.kernel: | pick beyond the list",
                "kernel: kernel | kernel: 3 | line 13, block.decisions.kernel: | make the same network",
                "kernel: kernel | kernel: [3] | line 15, block.kernel: | a list",
                "kernel: kernel | activation: relu | line 9, block: | 'kernel' is missing",
                "height: 8 | height: 0 | line 3, input.height: | from 1 to 65536",
                "height: 8 | height: 8.5 | line 3, input.height: | whole number",
                "classes: 10 | classes: ten | line 3, input.classes: | whole number",
                "head: | block0: | line 16, block0: | two layers claim the name block0",
                "type: classifier | type: layer-norm | line 7, layers: | the classifier must be the last layer",
                "stem: {type: conv | block1: {type: conv | line 9, block: | two layers claim the name block1",
                "type: conv, outputs | type: transformer, outputs | line 8, stem: | unknown key 'outputs'",
                "stem: {type: conv, outputs: 8 * width, kernel: 3} | stem: {type: layer-norm} | line 8, stem: | it takes tokens",
                "stem: {type: conv, outputs: 8 * width, kernel: 3} | stem: conv | line 8, stem: | not a layer",
                "stem: {type: conv, outputs: 8 * width, kernel: 3} | stem: {layers: {}} | stem.layers: | no layers",
                "outputs: 8 * width, | outputs: max(8, width), | line 8, stem: | quotes",
                "name: small | name: !!java.net.URL small | line 1: | tags",
                "width: [1, 2] | width: &a [1, 2] | line 5: | anchors",
                "name: small | name: [small | line | is no YAML",
                "name: small | - small | line 2 | is no YAML",
            })
    void whatIsWrongIsSaid(String what, String by, String place, String says) {
        assertThat(GOOD).contains(what);
        // Only the place that the row means: the first.
        int at = GOOD.indexOf(what);
        String text = GOOD.substring(0, at) + by + GOOD.substring(at + what.length());
        refused(text, place, says);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "3\n", "[]\n", "# nothing\n", "a: b\n---\nc: d\n", "\u0000", "\t\t\n:"})
    void whatIsNoSpaceIsRefused(String text) {
        refused(text, "my.yaml line ");
    }

    @Test
    void bombsAreRefusedAtOnce() {
        StringBuilder bomb = new StringBuilder("a: &a [x, x, x, x, x, x, x, x, x]\n");
        for (char c = 'b'; c < 'k'; c++) {
            bomb.append(c).append(": &").append(c).append(" [");
            for (int i = 0; i < 9; i++) {
                bomb.append(i == 0 ? "" : ", ").append('*').append((char) (c - 1));
            }
            bomb.append("]\n");
        }
        refused(bomb.toString(), "anchors");
        refused("a: " + "[".repeat(2_000) + "]".repeat(2_000) + "\n", "nested");
        refused("{a: ".repeat(200_000), "line");
        refused(GOOD.replace("kernel: kernel", "kernel: " + "(".repeat(150) + "3" + ")".repeat(150)), "40 deep");
        refused(GOOD.replace("kernel: kernel", "kernel: " + "1 + ".repeat(150) + "1"), "at most 400");
        StringBuilder nested = new StringBuilder(GOOD.substring(0, GOOD.indexOf("  stem")));
        for (int i = 0; i < 40; i++) {
            nested.append("  ".repeat(2 * i + 1))
                    .append("g:\n")
                    .append("  ".repeat(2 * i + 2))
                    .append("layers:\n");
        }
        refused(nested + "  ".repeat(81) + "x: {type: layer-norm}\n", "nested");
        assertThatThrownBy(() -> SpaceFile.parse("my.yaml", "#".repeat(SpaceFile.MOST_BYTES + 1)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("1 MiB");
    }

    @Test
    void filesThatCannotBeReadAreRefused(@TempDir Path folder) throws Exception {
        TaskShape task = new TaskShape(1, 8, 8, 10);
        Path large = folder.resolve("large.yaml");
        Files.writeString(large, "#".repeat(SpaceFile.MOST_BYTES + 1));
        Path latin = folder.resolve("latin.yml");
        Files.write(latin, new byte[] {'n', (byte) 0xE9});
        Path good = folder.resolve("Good.YAML");
        Files.writeString(good, GOOD);
        for (String name : new String[] {large.toString(), latin.toString(), folder + "/none.yaml", "\0.yaml"}) {
            assertThatThrownBy(() -> SearchSpaces.create(name, task)).isInstanceOf(InvalidInputException.class);
        }
        Files.createDirectory(folder.resolve("folder.yaml"));
        assertThatThrownBy(() -> SpaceFile.read(folder.resolve("folder.yaml"))).hasMessageContaining("is no file");
        assertThat(SearchSpaces.create(good.toString(), task).name()).isEqualTo("small");
        assertThat(SearchSpaces.usualTask(good.toString())).isEqualTo(task);
    }

    @Test
    void decisionsThatOnlyDifferTogetherMustMakeDifferentNetworks() {
        String text =
                GOOD.replace("width: [1, 2]", "width: [1, 2]\n  more: [1, 2]").replace("8 * width", "8 * width * more");
        refused(text, "width = ", "more = ", "make the same network");
    }

    @Test
    void conditionsTiedTooMuchAreNotCounted() {
        StringBuilder text = new StringBuilder(
                "name: tied\ndescription: d\ninput: {channels: 1, height: 8, width: 8, classes: 2}\ndecisions:\n");
        for (int i = 0; i < 40; i++) {
            text.append("  a").append(i).append(": [0, 1]\n");
        }
        for (int i = 0; i < 40; i++) {
            for (int j : new int[] {(i + 7) % 40, (i + 18) % 40, (i + 25) % 40}) {
                text.append("  b%d_%d: {choices: [0, 1], when: a%d == 1 or a%d == 0 and a%d == 1}\n"
                        .formatted(i, j, i, j, (i + j + 1) % 40));
            }
        }
        refused(text + "layers:\n  head: {type: classifier}\n", "tie too many decisions together");
    }
}
