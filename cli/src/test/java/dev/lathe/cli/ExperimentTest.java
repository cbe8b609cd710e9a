package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExperimentTest {
    @TempDir
    Path folder;

    private Experiment of(String yaml) throws Exception {
        Path f = folder.resolve("e.yaml");
        Files.writeString(f, yaml);
        return Experiment.read(f, List.of());
    }

    @Test
    void theBuiltInExperimentIsRead() {
        Experiment e = Experiment.read(null, List.of());
        assertThat(e.space()).isEqualTo("mbconv-tiny");
        assertThat(e.budgets()).containsEntry("latency", "p30").containsEntry("peakActivation", "16 KiB");
        assertThat(e.evaluations()).isEqualTo(20_000);
    }

    @Test
    void aMicrocontrollerHasABuiltInExperimentOfItsOwn() {
        Experiment e = Experiment.read(null, List.of("device=stm32h743", "budget.flash=1 MiB", "seed=3"));
        assertThat(e.objectives()).containsExactly("top1", "latency", "peakSram");
        assertThat(e.budgets()).containsExactly(java.util.Map.entry("flash", "1 MiB"));
        assertThat(e.device()).isEqualTo("stm32h743");
        assertThat(e.seed()).isEqualTo(3);
        assertThat(Experiment.fromSettings(e.settings(), folder)).isEqualTo(e);
    }

    @Test
    void settingsAreReadBackToTheSameExperiment() throws Exception {
        Experiment e = Experiment.read(
                null,
                List.of(
                        "training.steps=7",
                        "training.quantization=int8",
                        "imageSize=24",
                        "data='a: b/it''s'",
                        "objectives=[top1, macs]",
                        "profile.samples=10",
                        "budget.confidence=0.9",
                        "budget.macs=2M"));
        assertThat(Experiment.fromSettings(e.settings(), folder)).isEqualTo(e);
        assertThat(e.data()).isEqualTo("a: b/it's");
        assertThat(e.samples()).isEqualTo(10);
        assertThat(e.confidence()).isEqualTo(0.9);
        Files.writeString(folder.resolve("again.yaml"), e.yaml());
        assertThat(Experiment.read(folder.resolve("again.yaml"), List.of())).isEqualTo(e);
    }

    @Test
    void memoryIsNamedInTheSettingsOnlyWhereItIsAskedFor() {
        assertThat(Experiment.read(null, List.of()).settings()).doesNotContainKeys("budget.memory", "profile.memory");
        Experiment e = Experiment.read(null, List.of("budget={memory: 1 MiB, confidence: 0.9}", "profile.memory=30"));
        assertThat(MemoryStep.isWanted(e)).isTrue();
        assertThat(e.memoryNetworks()).isEqualTo(30);
        assertThat(Experiment.fromSettings(e.settings(), folder)).isEqualTo(e);
        assertThat(MemoryStep.isWanted(Experiment.read(null, List.of("objectives=[top1, memory]"))))
                .isTrue();
        assertThat(MemoryStep.isWanted(Experiment.read(null, List.of()))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            "spaec: mbconv-tiny" | "unknown key 'spaec', did you mean 'space'?"
            "training: {step: 3}" | "unknown key 'training.step', did you mean 'training.steps'?"
            "budget: {latencyMs: 3 ms}" | "did you mean 'budget.latency'?"
            "budget: {latency: 3 parsecs}" | "unit 'parsecs' of '3 parsecs' is not known"
            "budget: {latency: 3}" | "'3' has no unit"
            "budget: {latency: -3 ms}" | "'-3 ms' is no quantity"
            "budget: {latency: 0 ms}" | "not positive"
            "budget: {latency: NaN}" | "no quantity"
            "budget: {latency: 1e999 s}" | "not positive and finite"
            "budget: {latency: p0}" | "not above 0"
            "budget: {latency: p30, confidence: 1}" | "'budget.confidence' is '1', it must be a probability from 0.5 to 0.99"
            "budget: {latency: p30, confidence: much}" | "'budget.confidence' is 'much'"
            "budget: {macs: 2M, confidence: 0.9}" | "there is no latency or memory budget"
            "budget: {memory: 1}" | "has no unit"
            "profile: {memory: 5}" | "it must be a whole number from 10 to 100"
            "profile: {samples: 1}" | "'samples' is '1', it must be a whole number from 2 to 200"
            "seed: yes please" | "'seed' is 'yes please', it must be a whole number"
            "search: {evaluations: 50}" | "population of 100 cannot be scored within 50"
            "search: 3" | "'search' must hold keys"
            "objectives: [top2]" | "did you mean 'top1'?"
            "objectives: top1" | "objectives must be a list"
            "training: {quantization: int7}" | "unknown training.quantization 'int7'"
            "training: {learningRate: -1}" | "must be a positive number"
            "training: {learningRate: .nan}" | "is not YAML: line 1"
            "- just a list" | "holds no experiment"
            "a: b: c" | "is not YAML: line 1"
            "seed: 1\nseed: 2" | "is not YAML"
            """)
    void badExperimentsAreRefusedInOneLine(String yaml, String expected) {
        assertThatThrownBy(() -> of(yaml.replace("\\n", "\n")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(expected)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> Experiment.read(folder.resolve("none.yaml"), List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("none.yaml", "no such file");
    }
}
