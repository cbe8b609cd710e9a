package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.results.BlocksReport.Kind;
import dev.lathe.results.BlocksReport.Option;
import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class PicturesTest {
    private static Document parse(String page) throws Exception {
        DocumentBuilderFactory f = DocumentBuilderFactory.newInstance();
        f.setNamespaceAware(true);
        return f.newDocumentBuilder().parse(new InputSource(new StringReader(page)));
    }

    private static BlocksReport report(String name, boolean scored) {
        Double none = null;
        Kind k = new Kind(
                name,
                6,
                0.4,
                0.3,
                scored ? Double.valueOf(0.01) : none,
                List.of(
                        new Option(
                                3,
                                true,
                                0,
                                0,
                                0,
                                none,
                                scored ? Double.valueOf(0) : none,
                                scored ? Double.valueOf(0) : none),
                        new Option(
                                5,
                                false,
                                0.004,
                                0.0001,
                                12_000,
                                0.7,
                                scored ? Double.valueOf(0.001) : none,
                                scored ? Double.valueOf(0.002) : none)));
        return new BlocksReport(
                "space",
                "device",
                60,
                scored ? 80 : 0,
                0.98,
                scored ? Double.valueOf(0.6) : none,
                0.2,
                List.of(k),
                "none");
    }

    @Test
    void aPictureIsADocumentOfItsOwnWithEveryPointWithinIt() throws Exception {
        String svg = Pictures.scatter(
                "Title & more",
                "x in ms",
                "y",
                List.of(
                        Pictures.Series.dots("a", List.of(new double[] {1, 2}, new double[] {3, 4})),
                        Pictures.Series.line("b", List.of(new double[] {Double.NaN, 1}, new double[] {2, 2}))));
        Document d = parse(svg);
        assertThat(d.getDocumentElement().getNamespaceURI()).isEqualTo("http://www.w3.org/2000/svg");
        assertThat(svg).contains("Title &amp; more", "x in ms").doesNotContain("NaN", "var(");
        assertThat(svg.split("h0", -1)).as("three finite points").hasSize(4);
        parse(Pictures.scatter("nothing", "x", "y", List.of()));
        parse(Pictures.fronts(List.of()));
    }

    @Test
    void frontsOfRunsAreDrawnByName() throws Exception {
        String svg = Pictures.fronts(List.of(
                SampleRuns.run("one", "digits", new double[] {0.5, 1}, new double[] {0.9, 2}),
                SampleRuns.run("two", "digits", new double[] {0.7, 1.5})));
        parse(svg);
        assertThat(svg).contains("one, ", "two, ").contains("latency in ms");
    }

    @Test
    void hostileNamesAreTextOnly() throws Exception {
        for (String hostile : Hostile.TEXTS) {
            parse(Pictures.scatter(hostile, hostile, hostile, List.of(Pictures.Series.dots(hostile, List.of()))));
            parse(BlocksPage.render(report(hostile, true)));
            parse(BlocksPage.picture(report(hostile, true)));
        }
    }

    @Test
    void thePageOfOptionsSaysWhatIsLikedAndWhatIsLeftOut() throws Exception {
        String page = BlocksPage.render(report("stage.block.kernel", true));
        parse(page);
        assertThat(page)
                .contains(
                        "0.700 ▼ liked",
                        "✕ left out",
                        "+4.00 µs",
                        "+0.100 points",
                        "60 networks measured, 80 evaluated")
                .contains("default-src 'none'");
        String unscored = BlocksPage.render(report("stage.block.kernel", false));
        parse(unscored);
        assertThat(unscored).contains("what they compute").doesNotContain("points");
    }
}
