package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.base.Seeds;
import dev.lathe.device.OnnxModel;
import dev.lathe.graph.OnnxWriter;
import dev.lathe.results.RunDirectory;
import dev.lathe.results.RunManifest;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.Regularization;
import dev.lathe.supernet.Supernet;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingOptionsTest {
    @TempDir
    Path folder;

    @Test
    void keysThatAreGivenStandInTheManifestAndOthersDoNot() {
        Experiment e =
                Experiment.read(null, List.of("training.mixup=0.2", "training.dropout=0.1", "training.dropoutGamma=0"));
        assertThat(e.training().regularization()).isEqualTo(new Regularization(0.2, 0, 0.1, 0));
        assertThat(e.settings())
                .containsEntry("training.mixup", "0.2")
                .containsEntry("training.dropoutGamma", "0.0")
                .doesNotContainKeys("training.erase", "training.kernelTransforms");
        assertThat(Experiment.fromSettings(e.settings(), folder)).isEqualTo(e);
        assertThat(Experiment.read(null, List.of()).settings())
                .doesNotContainKeys("training.mixup", "training.dropout", "profile.accuracyImages");
    }

    private void refused(List<String> settings, String... parts) {
        Lathe.Result r = Lathe.run(
                "train",
                "-q",
                Lathe.SMALL,
                settings.stream().flatMap(s -> List.of("--set", s).stream()).toList(),
                "--out",
                folder.resolve("refused" + settings.hashCode()));
        assertThat(r.exitCode()).as(r.err()).isEqualTo(2);
        assertThat(r.err()).hasLineCount(1).contains(parts);
    }

    @Test
    void whatTheSpaceOrTheStrategyHasNoUseForIsRefused() {
        refused(List.of("training.mixup=yes"), "training.mixup", "number");
        refused(List.of("training.erase=2"), "training.erase is 2.0");
        refused(List.of("training.dropout=0.1"), "training.dropout", "no transformers");
        refused(List.of("training.jitter=0.1"), "training.jitter", "time series");
        refused(List.of("training.shift=0.6"), "training.shift is 0.6");
        refused(List.of("training.kernelTransforms=maybe"), "true or false");
        refused(List.of("training.kernelTransforms=true"), "progressive-shrinking, not sandwich");
        refused(List.of("training.reorderChannels=true"), "training.reorderChannels", "not sandwich");
        refused(
                List.of("space=vit-tiny", "training.strategy=progressive-shrinking", "training.kernelTransforms=true"),
                "no elastic kernels");
        assertThatThrownBy(() -> Experiment.read(null, List.of("training.dropot=0.1")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("did you mean 'training.dropout'?");
    }

    /** The exported file knows nothing of kernel transforms: it holds finished kernels. */
    @Test
    void aSupernetWithKernelTransformsExportsNetworksThatAgreeWithIt() throws Exception {
        Experiment e = Experiment.read(
                null,
                List.of(
                        "training.steps=12",
                        "training.batchSize=16",
                        "training.strategy=progressive-shrinking",
                        "training.kernelTransforms=true",
                        "training.reorderChannels=true",
                        "training.mixup=0.2",
                        "training.erase=0.25"));
        RunManifest manifest = RunManifest.of(e.settings(), Map.of(), Map.of(), Map.of(), List.of(), "now");
        ExecutionOptions quiet = new ExecutionOptions();
        quiet.quiet = true;
        try (RunDirectory run = RunDirectory.start(folder.resolve("run"), manifest, false)) {
            Workbench w = Workbench.of(e, run, Workbench.load(e, true), quiet, quiet.progress());
            TrainStep.run(w);
            float[] in = w.data().normalization().standardized(w.data().validation(), 0, 16);
            try (Supernet supernet = TrainStep.load(w)) {
                RandomGenerator random = Seeds.generator(1, "test", 0);
                for (int i = 0; i < 4; i++) {
                    Architecture a = i == 0 ? w.space().smallest() : w.space().random(random);
                    byte[] onnx = OnnxWriter.write(w.space().lower(a), supernet.extract(a), Map.of());
                    try (OnnxModel model = OnnxModel.load(onnx, "test")) {
                        assertThat(ExportStep.largestDifference(supernet.logits(a, in, 16), model.logits(in, 16)))
                                .isLessThan(1e-4);
                    }
                }
            }
        }
    }
}
