package dev.lathe.space.mobilenetv4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import dev.lathe.space.TaskShape;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MobileNetV4TextTest {
    private final MobileNetV4Text small =
            new MobileNetV4Text(new MobileNetV4Space(MobileNetV4Size.SMALL, new TaskShape(3, 64, 64, 10)));

    @ParameterizedTest
    @EnumSource
    void everyArchitectureIsReadBack(MobileNetV4Size size) {
        MobileNetV4Space space = new MobileNetV4Space(size, new TaskShape(3, 64, 64, 10));
        MobileNetV4Text text = new MobileNetV4Text(space);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 500; i++) {
            Architecture a = space.random(random);
            assertThat(text.parse(text.toText(a))).isEqualTo(a);
        }
    }

    @Test
    void theReleasedSmallModelReadsAsPublished() {
        assertThat(small.toText(MobileNetV4Models.CONV_S.architecture()))
                .isEqualTo("relu; 55e3 03e2 03e2 03e2 03e2 30e4; 33e6 55e4 05e4 05e3 03e4 03e4");
    }

    @ParameterizedTest
    @CsvSource({
        "'', parts",
        "relu, parts",
        "relu; 55e3 03e2 03e2 03e2, parts",
        "relu; 55e3 03e2 03e2 03e2; 33e6 55e4 05e4 05e3;, 4 parts",
        "swish; 55e3 03e2 03e2 03e2; 33e6 55e4 05e4 05e3, gelu",
        "relu; 55e3 03e2 03e2; 33e6 55e4 05e4 05e3, stage0.depth",
        "relu; 55e3 03e2 03e2 03e2; 33e6 55e4 05e4 05e5, stage1.block3.expand",
        "relu; 55e3 07e2 03e2 03e2; 33e6 55e4 05e4 05e3, stage0.block1.middle",
        "relu; 50e3 03e2 03e2 03e2; 33e6 55e4 05e4 05e3, stage0.block0.middle",
        "relu; 55e3 A03e2 03e2 03e2; 33e6 55e4 05e4 05e3, attention",
        "relu; 55e3 03e22 03e2 03e2; 33e6 55e4 05e4 05e3, block 1 of stage 0",
        "relu; 55e3 \u0007\u202e 03e2 03e2; 33e6 55e4 05e4 05e3, '??'",
        "relu;;, stage0.depth"
    })
    void whatIsNoArchitectureIsRefusedInOneLine(String text, String reason) {
        assertThatThrownBy(() -> small.parse(text))
                .isInstanceOf(InvalidInputException.class)
                .message()
                .contains("mobilenetv4-small", reason, "write for example 'relu; ")
                .doesNotContain("\n")
                .hasSizeLessThan(500);
    }

    @Test
    void longTextIsRefusedUnread() {
        assertThatThrownBy(() -> small.parse("x".repeat(1_000_000)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("longer than 1000")
                .message()
                .hasSizeLessThan(500);
    }
}
