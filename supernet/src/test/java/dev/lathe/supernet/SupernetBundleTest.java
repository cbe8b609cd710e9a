package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.base.InvalidInputException;
import dev.lathe.space.Architecture;
import dev.lathe.space.MetricScorer;
import dev.lathe.space.SearchSpace;
import dev.lathe.supernet.data.ImageDataset;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A supernet in another process scores as the one that it was made of, to the last bit. */
class SupernetBundleTest {
    private static final ImageDataset IMAGES = Fixtures.DIGITS.validation();

    private static Supernet supernet(SearchSpace space) {
        return new Supernet(space, Fixtures.perturbed(space, 3), Fixtures.DIGITS);
    }

    private static byte[] sent(SupernetBundle bundle) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ObjectOutputStream o = new ObjectOutputStream(out)) {
            o.writeObject(bundle);
        }
        return out.toByteArray();
    }

    /** As Spark does it. */
    private static SupernetBundle received(byte[] sent) throws Exception {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(sent))) {
            return (SupernetBundle) in.readObject();
        }
    }

    private static void assertSame(Supernet here) throws Exception {
        SupernetBundle bundle = here.bundle(IMAGES);
        SupernetBundle there = received(sent(bundle));
        assertThat(there.sha256()).isEqualTo(bundle.sha256()).hasSize(64);
        assertThat(there.bytes()).isEqualTo(bundle.bytes());
        try (MetricScorer scorer = there.open()) {
            assertThat(scorer.metrics()).isEqualTo(SupernetBundle.METRICS);
            for (long seed = 0; seed < 4; seed++) {
                Architecture a = Fixtures.random(here.space(), seed);
                SubnetScore s = here.evaluate(a, IMAGES);
                assertThat(scorer.score(a)).containsExactly(s.top1(), s.crossEntropy());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mbconv-tiny", "vit-tiny"})
    void scoresAreEqualToTheLastBit(String name) throws Exception {
        try (Supernet s = supernet(Fixtures.space(name))) {
            assertSame(s);
        }
    }

    @Test
    void soAreThoseOfAFewBitsAndOfTransformedKernels() throws Exception {
        SearchSpace space = Fixtures.space("mbconv-tiny");
        try (Supernet floats = supernet(space);
                QuantizedSupernet q = QuantizedSupernet.afterTraining(floats, BitWidth.INT8, space.largest())) {
            assertSame(q.fakeQuantized());
            assertThat(q.fakeQuantized().bundle(IMAGES).sha256())
                    .isNotEqualTo(q.float32().bundle(IMAGES).sha256());
        }
        ParameterLayout layout = KernelTransforms.layout(space, ParameterLayout.of(space));
        try (Supernet s = new Supernet(space, SharedParameters.initialize(layout, 3), Fixtures.DIGITS)) {
            assertSame(s);
        }
    }

    @Test
    void theHashIsOfParametersAndImages() {
        SearchSpace space = Fixtures.space("vit-tiny");
        try (Supernet s = supernet(space);
                Supernet other = new Supernet(space, Fixtures.perturbed(space, 4), Fixtures.DIGITS)) {
            String hash = s.bundle(IMAGES).sha256();
            assertThat(s.bundle(IMAGES).sha256()).isEqualTo(hash);
            assertThat(other.bundle(IMAGES).sha256()).isNotEqualTo(hash);
            assertThat(s.bundle(IMAGES.sample(50, 1)).sha256()).isNotEqualTo(hash);
        }
    }

    /** The content is sent whole; the probe and the engine's version are what another machine is known by. */
    @Test
    void aProcessThatComputesOtherwiseIsRefused() throws Exception {
        try (Supernet s = supernet(Fixtures.space("vit-tiny"))) {
            String text = new String(sent(s.bundle(IMAGES)), StandardCharsets.ISO_8859_1);
            int probe = text.indexOf(s.bundle(IMAGES).engine().probe());
            String otherProbe = text.substring(0, probe) + "0".repeat(64) + text.substring(probe + 64);
            assertThatThrownBy(() -> received(otherProbe.getBytes(StandardCharsets.ISO_8859_1))
                            .open())
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("rounds otherwise");
            String version = s.bundle(IMAGES).engine().version();
            String other = text.replaceFirst(version.replace(".", "\\."), "9".repeat(version.length()));
            assertThatThrownBy(() -> received(other.getBytes(StandardCharsets.ISO_8859_1))
                            .open())
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("PyTorch " + version)
                    .hasMessageNotContaining("\n");
        }
    }
}
