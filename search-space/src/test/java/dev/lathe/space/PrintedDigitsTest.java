package dev.lathe.space;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrintedDigitsTest {
    @ParameterizedTest
    @CsvSource({
        "3.774, 3774024, 3.77402, true, true",
        "3.774, 3774600, 3.77460, false, true",
        "3.774, 3775100, 3.77510, false, false",
        "460.1, 460150000, 460.150, true, true",
        "460.2, 460150000, 460.150, true, true",
        "460.0, 460150000, 460.150, false, false",
        "13.8, 13803072, 13.803, true, true"
    })
    void agreesWhereOursRoundsToTheirs(String theirs, long ours, String shown, boolean agrees, boolean agreesClosely) {
        Comparison c = PrintedDigits.compare("what", theirs, ours, 6);
        assertThat(c.ours()).isEqualTo(shown);
        assertThat(c.agrees()).isEqualTo(agrees);
        assertThat(PrintedDigits.compareClosely("what", theirs, ours, 6).agrees())
                .isEqualTo(agreesClosely);
    }
}
