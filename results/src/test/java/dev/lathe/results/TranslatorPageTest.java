package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.base.Seeds;
import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.results.ReportData.CurvePoint;
import dev.lathe.results.ReportData.Pair;
import dev.lathe.results.ReportData.Scatter;
import dev.lathe.results.TranslatorReport.Chosen;
import dev.lathe.results.TranslatorReport.CloudPoint;
import dev.lathe.results.TranslatorReport.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class TranslatorPageTest {
    private static TranslatorCard card(String text, double loss, double bleu, long macs) {
        ModelCard.ModelFile file = new ModelCard.ModelFile(text, 1 << 20, "0");
        return new TranslatorCard(
                text,
                text,
                Map.of(text, 1.0),
                new TranslatorCard.Quality(loss, bleu, 200, 1000, 5, 1, text, text, text),
                new TranslatorCard.Agreement(3e-6, 16, 16),
                macs,
                macs / 10,
                203,
                file,
                file,
                file,
                file,
                Map.of(),
                new TranslatorCard.Origin(text, text, text, text, 30, 30, List.of()),
                Map.of());
    }

    private static Graph graph(String name) {
        GraphBuilder b = new GraphBuilder(name);
        return b.build(b.add(name, new Operator.Activate(Activation.RELU), b.input(name + "x", 4, 4, 4)));
    }

    private static TranslatorReport report(String text) {
        RandomGenerator r = Seeds.generator(1, "sample translators", 0);
        List<Member> front = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            front.add(new Member(
                    text + i,
                    card(text, 3 - 0.2 * i, 20 + 2 * i, 20_000_000L + 3_000_000L * i),
                    i == 0 ? null : 3.1 - 0.2 * i));
        }
        List<CloudPoint> cloud = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            double size = r.nextDouble();
            cloud.add(new CloudPoint(20e6 + 20e6 * size, 3.2 - size + 0.1 * r.nextExponential(), size < 0.75));
        }
        return new TranslatorReport(
                text,
                text,
                List.of("loss (lowest)", text),
                35e6,
                front,
                List.of(
                        new Chosen(text, front.get(5), graph(text)),
                        new Chosen("Fewest multiply-accumulates", front.get(0), graph("g"))),
                cloud,
                20_000,
                List.of(new CurvePoint(1, 0.1), new CurvePoint(100, 0.5)),
                List.of(new CurvePoint(1, 0.1), new CurvePoint(100, 0.3)),
                new Scatter(text, List.of(new Pair(2.5, 2.6), new Pair(2.1, 2.0)), Map.of("Spearman", 0.9), false),
                List.of(new CurvePoint(1, 9), new CurvePoint(2, 5)),
                text,
                Map.of(text, text));
    }

    @Test
    void givenASearch_whenRendered_thenFrontBleuTablePicturesAndCurvesAreThere() throws Exception {
        String page = TranslatorPage.render(report("hat-mini"));
        assertThat(page)
                .isEqualTo(TranslatorPage.render(report("hat-mini")))
                .contains(
                        "6 networks exported of 20,000 evaluated",
                        "2,000 of the 20,000 evaluated",
                        "Multiply-accumulates against BLEU",
                        "budget 35.0 M",
                        "<td data-v=\"30\">30.00</td>",
                        "The networks in pictures",
                        "Hypervolume over evaluations",
                        "Supernet training",
                        "Predictor of losses");
        assertThat(page.length()).isLessThan(600_000);
        Document xml = Hostile.requireText(page, 1);
        assertThat(xml.getElementsByTagName("tr").getLength()).isEqualTo(7);
    }

    @Test
    void givenHostileTexts_whenRendered_thenTheyAreTextOnly() throws Exception {
        for (String text : Hostile.TEXTS) {
            Hostile.requireText(TranslatorPage.render(report(text)), 1);
        }
    }

    @Test
    void givenNothingFound_whenRendered_thenThePageSaysSo() throws Exception {
        TranslatorReport none = new TranslatorReport(
                "t",
                "s",
                List.of("loss"),
                null,
                List.of(),
                List.of(),
                List.of(),
                0,
                List.of(),
                List.of(),
                null,
                List.of(),
                "",
                Map.of());
        String page = TranslatorPage.render(none);
        Hostile.requireText(page, 1);
        assertThat(page).contains("the front is empty", "Evaluated networks are not at hand");
    }

    @Test
    void givenABrowser_whenOpened_thenNothingIsComplainedOf(@TempDir Path folder)
            throws IOException, InterruptedException {
        Browser.require();
        Path file = Files.writeString(folder.resolve("page.html"), TranslatorPage.render(report(Hostile.TEXTS.get(0))));
        Browser.Shown shown = Browser.open(file.toUri().toString(), folder, 500);
        assertThat(shown.console()).isEmpty();
        assertThat(shown.dom()).doesNotContain("<title>owned");
    }
}
