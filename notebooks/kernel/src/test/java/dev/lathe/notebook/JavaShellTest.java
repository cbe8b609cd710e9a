package dev.lathe.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JavaShellTest {
    private static JavaShell shell;

    @BeforeAll
    static void open() {
        shell = new JavaShell(List.of("java.util.*", "dev.lathe.notebook.Display"));
    }

    @AfterAll
    static void close() {
        shell.close();
    }

    @Test
    void laterCellsSeeWhatEarlierOnesDeclared() {
        assertThat(shell.eval("int twice(int n) { return 2 * n; }")).isNull();
        assertThat(shell.eval("int x = twice(20);\n// and one more\nx + 2")).isEqualTo(42);
        assertThat(shell.eval("List.of(x, x)")).isEqualTo(List.of(40, 40));
        assertThat(shell.eval("x;")).isEqualTo(40);
    }

    @Test
    void onlyTheLastExpressionIsTheValue() {
        assertThat(shell.eval("1 + 1;\nint unshown = 3;")).isNull();
        assertThat(shell.eval("  \n// nothing\n")).isNull();
        assertThat(shell.eval("")).isNull();
        assertThat(shell.eval("(Object) null")).isNull();
    }

    @Test
    void aValueIsTheObjectItselfOfAClassOfThisProgram() {
        assertThat(shell.eval("Display.svg(\"<svg/>\", \"a picture\")"))
                .isInstanceOfSatisfying(
                        Display.class, d -> assertThat(d.forms()).containsEntry("image/svg+xml", "<svg/>"));
    }

    @Test
    void textBlocksRecordsAndLoopsAreJavaAsEver() {
        assertThat(shell.eval("""
            record Point(int x, int y) {}
            String text = \"""
                a: 1
                b: 2
                \""";
            int sum = 0;
            for (int i = 0; i < 10; i++) {
                sum += i;
            }
            new Point(text.length(), sum).toString()
            """)).isEqualTo("Point[x=10, y=45]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        int a = "text"; | incompatible types
        nowhere.call() | nowhere
        throw new IllegalStateException("on purpose"); | java.lang.IllegalStateException: on purpose
        Integer.parseInt("x") | java.lang.NumberFormatException
        if (true) { | this is not whole: if (true) {
        undeclared(1); | undeclared
        """)
    void aCellThatFailsSaysWhy(String cell, String expected) {
        assertThatThrownBy(() -> shell.eval(cell))
                .isInstanceOf(CellException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void whatComesBeforeAFailureIsDone() {
        assertThatThrownBy(() -> shell.eval("int kept = 5; int broken = 1 / 0;"))
                .isInstanceOf(CellException.class)
                .hasMessageContaining("/ by zero");
        assertThatThrownBy(() -> shell.eval("throw new dev.lathe.base.InvalidInputException(\"one line\");"))
                .hasMessageContaining(InvalidInputException.class.getName() + ": one line");
        assertThat(shell.eval("kept")).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1 + 1", "int y = 3;", "for (;;) { break; }", "", "// nothing"})
    void aWholeCellIsKnown(String cell) {
        assertThat(shell.isWhole(cell)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"int y = ", "for (;;) {", "1 + 1; if (true) {"})
    void aCellThatGoesOnIsKnown(String cell) {
        assertThat(shell.isWhole(cell)).isFalse();
    }

    @Test
    void wordsAreCompletedAndExplained() {
        String cell = "List.of(1).str";
        JavaShell.Completions c = shell.complete(cell, cell.length());
        assertThat(c.words()).contains("stream()");
        assertThat(c.from()).isEqualTo(cell.length() - 3);
        assertThat(shell.signatures("Math.max(", 9)).contains("int Math.max(int");
    }
}
