package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Graph;
import dev.lathe.graph.GraphBuilder;
import dev.lathe.graph.Operator;
import dev.lathe.results.ReportData.Chosen;
import dev.lathe.results.ReportData.CurvePoint;
import dev.lathe.results.ReportData.Member;
import dev.lathe.results.ReportData.Pair;
import dev.lathe.results.ReportData.Scatter;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.SearchSpaces;
import dev.lathe.space.TaskShape;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class ReportPageTest {
    private static final String HOSTILE =
            "</script><img src=x onerror=alert(1)>\" ' & \u0000\u202E]]> https://evil.example/";

    @Test
    void givenARun_whenRendered_thenThePageHasItsPartsAndIsTheSameTwice() throws Exception {
        ReportData data = SampleReport.data();
        String page = ReportPage.render(data);
        Path file = Path.of("target", "report.html");
        ReportPage.write(file, data);
        assertThat(Files.readString(file)).isEqualTo(page).isEqualTo(ReportPage.render(SampleReport.data()));
        assertThat(page.length()).isLessThan(600_000);

        Document xml = parse(page);
        assertThat(texts(xml, "h2"))
                .anyMatch(t -> t.startsWith("Most accurate within budget"))
                .contains(
                        "Pareto front",
                        "Networks of the front",
                        "The networks in pictures",
                        "Hypervolume over evaluations",
                        "Supernet training",
                        "Latency predictor",
                        "Accuracy predictor",
                        "How this was made");
        // Two drawings of the front, for wide and narrow pages: one mark a network, crosses for those over budget.
        List<Element> marks = byClass(xml, "g", "mark");
        assertThat(marks).hasSize(2 * data.front().size());
        long over = data.front().stream().filter(m -> !m.withinBudget()).count();
        assertThat(over).isPositive();
        assertThat(marks.stream().filter(m -> m.getElementsByTagName("path").getLength() > 0))
                .hasSize(2 * (int) over);
        assertThat(xml.getElementsByTagName("tr").getLength())
                .isEqualTo(1 + data.front().size());
        assertThat(page)
                .contains("Bars are 90 % intervals", "Most is needed at step", "2,000 of the 20,000 evaluated")
                .contains("budget 32.5 µs", "front: measured", "front: test part", "random search, ends at 0.699");
    }

    @Test
    void givenARun_whenRendered_thenNothingIsAskedOfTheNetwork() throws Exception {
        requireSelfContained(ReportPage.render(SampleReport.data()));
    }

    /** What a search for a microcontroller knows besides: columns, axes and budgets of RAM and flash as firmware. */
    @Test
    void givenARunForAMicrocontroller_whenRendered_thenFirmwareIsShownAndElseNot() throws Exception {
        ReportData sample = SampleReport.data();
        String without = ReportPage.render(sample);
        assertThat(without).doesNotContain("peak SRAM", "flash");
        String page = ReportPage.render(SampleReport.forMicrocontroller());
        requireSelfContained(page);
        assertThat(page)
                .contains(
                        "<button type=\"button\">peak SRAM, planned</button></th><th scope=\"col\"><button type=\"button\">flash, planned</button>",
                        "<option value=\"5\">peak SRAM</option><option value=\"6\">flash</option>",
                        "\"label\":\"flash in KiB (planned)\",\"name\":\"flash\",\"max\":false,\"column\":12",
                        "\"budgetText\":\"budget 64.0 KiB\"",
                        "<td data-v=\"32768.0\">32.0 KiB</td>",
                        "Peak SRAM, planned")
                .contains("as 8-bit firmware, planned, stack included");
    }

    /** Of a large network, too, and of as many evaluations as a user may have. */
    @Test
    void givenManyEvaluations_whenRendered_thenThePageIsSmallAndSaysHowManyItShows() {
        ReportData sample = SampleReport.data();
        SearchSpace space = SearchSpaces.create("ofa-mobilenetv3", new TaskShape(3, 224, 224, 1000));
        List<Chosen> chosen = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            chosen.add(new Chosen(
                    "role " + i,
                    sample.front().get(i),
                    ModelCard.decisions(space, space.largest()),
                    space.lower(space.largest())));
        }
        ReportData data = new ReportData(
                sample.title(),
                sample.summary(),
                sample.objectives(),
                sample.budgets(),
                sample.front(),
                chosen,
                sample.cloud().subList(0, 10_000),
                10_000,
                sample.hypervolume(),
                sample.randomHypervolume(),
                sample.latencyPredictor(),
                sample.accuracyPredictor(),
                sample.loss(),
                sample.measured(),
                sample.tested(),
                sample.facts(),
                null);
        String page = ReportPage.render(data);
        assertThat(page.getBytes(StandardCharsets.UTF_8).length).isLessThan(2_000_000);
        assertThat(page).contains("2,000 of the 10,000 evaluated");
    }

    @Test
    void givenHostileTexts_whenRendered_thenTheyAreTextOnly() throws Exception {
        Member m = new Member(HOSTILE, 0.9, 0.9, 0.9, 1, 1.0, 0.1, 1, 1, 1, true, HOSTILE);
        Scatter scatter = new Scatter(HOSTILE, List.of(new Pair(1, 2)), Map.of(HOSTILE, 1.0), true);
        ReportData data = new ReportData(
                HOSTILE,
                HOSTILE,
                List.of(HOSTILE),
                Map.of(Metric.LATENCY, 1.0, Metric.PEAK_ACTIVATIONS, 1.0),
                List.of(m),
                List.of(
                        new Chosen(HOSTILE, m, Map.of(HOSTILE, 1.0), hostileGraph()),
                        new Chosen(HOSTILE, m, Map.of(), null)),
                List.of(),
                1,
                List.of(new CurvePoint(1, 0.5)),
                List.of(),
                scatter,
                scatter,
                List.of(new CurvePoint(0, 1), new CurvePoint(1, Double.NaN)),
                HOSTILE,
                HOSTILE,
                Map.of(HOSTILE, HOSTILE),
                null);
        String page = ReportPage.render(data);
        Document xml = requireSelfContained(page);
        assertThat(xml.getElementsByTagName("img").getLength()).isZero();
        // Two programs and the numbers of the front.
        assertThat(xml.getElementsByTagName("script").getLength()).isEqualTo(3);
        assertThat(page).doesNotContain("<img", "\u202E", "\u0000").contains("&lt;img src=x onerror=alert(1)&gt;");
        String shown = HOSTILE.replace('\u0000', '\uFFFD').replace('\u202E', '\uFFFD');
        assertThat(texts(xml, "h1")).containsExactly(shown);
        assertThat(texts(xml, "dd")).contains(shown);
    }

    @Test
    void givenARunThatFoundNothing_whenRendered_thenThePageSaysSo() throws Exception {
        ReportData data = new ReportData(
                "empty",
                "nothing",
                List.of("top-1"),
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                0,
                List.of(),
                List.of(),
                null,
                null,
                List.of(),
                "",
                "",
                Map.of(),
                null);
        String page = ReportPage.render(data);
        parse(page);
        assertThat(page).contains("the front is empty", "Nothing to draw");
    }

    @Test
    void givenANetworkThatWasNotMeasured_whenRendered_thenThatIsSaid() throws Exception {
        Member m = new Member("s:0", 0.9, null, null, 2, null, null, 2048, 10, 10, false, null);
        ReportData data = new ReportData(
                "t",
                "s",
                List.of("top-1"),
                Map.of(Metric.LATENCY, 1.5),
                List.of(m),
                List.of(new Chosen("Nearest", m, Map.of("depth", 2.0), null)),
                List.of(),
                1,
                List.of(),
                List.of(),
                null,
                null,
                List.of(),
                "",
                "",
                Map.of(),
                null);
        String page = ReportPage.render(data);
        parse(page);
        assertThat(page)
                .contains("Latency, predicted", "predicted, not tested", "✕ over budget", "partly predicted", "2.00 ms")
                .doesNotContain("Latency, measured");
    }

    @Test
    void givenALongList_whenThinned_thenEndsStayAndOrderToo() {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < 12_345; i++) {
            all.add(i);
        }
        List<Integer> some = Thinned.to(2000, all);
        assertThat(some)
                .hasSize(2000)
                .isSorted()
                .doesNotHaveDuplicates()
                .startsWith(0)
                .endsWith(12_344);
        assertThat(Thinned.to(2, List.of(1, 2))).containsExactly(1, 2);
    }

    private static Graph hostileGraph() {
        GraphBuilder b = new GraphBuilder(HOSTILE);
        return b.build(b.add(HOSTILE, new Operator.Activate(Activation.RELU), b.input(HOSTILE + "x", 4, 4, 4)));
    }

    private static Document requireSelfContained(String page) throws Exception {
        Document xml = parse(page);
        NodeList all = xml.getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            Element e = (Element) all.item(i);
            for (String a : List.of("src", "href", "srcset", "action", "data", "xlink:href", "poster", "style")) {
                assertThat(e.hasAttribute(a)).as("%s of %s", a, e.getTagName()).isFalse();
            }
            for (int k = 0; k < e.getAttributes().getLength(); k++) {
                assertThat(e.getAttributes().item(k).getNodeName()).doesNotStartWith("on");
            }
            assertThat(e.getTagName()).isNotIn("link", "iframe", "object", "embed", "base", "img");
        }
        List<String> inline = new ArrayList<>(texts(xml, "style"));
        inline.addAll(texts(xml, "script"));
        for (String text : inline) {
            assertThat(Pattern.compile("https?:|//|@import|url\\(|fetch|XMLHttp|import\\(|eval|innerHTML")
                            .matcher(text)
                            .find())
                    .as(text)
                    .isFalse();
        }
        assertThat(page).contains("default-src 'none'");
        return xml;
    }

    private static Document parse(String page) throws ParserConfigurationException, SAXException, IOException {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(page)));
    }

    private static List<String> texts(Document xml, String tag) {
        List<String> texts = new ArrayList<>();
        NodeList nodes = xml.getElementsByTagName(tag);
        for (int i = 0; i < nodes.getLength(); i++) {
            texts.add(nodes.item(i).getTextContent());
        }
        return texts;
    }

    private static List<Element> byClass(Document xml, String tag, String cssClass) {
        List<Element> found = new ArrayList<>();
        NodeList nodes = xml.getElementsByTagName(tag);
        for (int i = 0; i < nodes.getLength(); i++) {
            if (List.of(((Element) nodes.item(i)).getAttribute("class").split(" "))
                    .contains(cssClass)) {
                found.add((Element) nodes.item(i));
            }
        }
        return found;
    }
}
