package dev.lathe.results;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** Names that a page must show as text. */
final class Hostile {
    static final List<String> TEXTS = List.of(
            "</script><img src=x onerror=document.title='owned'>\" ' & \u0000\u202E]]> https://evil.example/",
            "\"><svg onload=document.title='owned'>",
            "'/><script>document.title='owned'</script>",
            "{{7*7}}${7*7}%s%n%1$s",
            "\u202Etxt.exe\u2066\u05E9\u05DC\u05D5\u05DD \u0645\u0631\u062D\u0628\u0627",
            "=cmd|' /C calc'!A0",
            "../../etc/passwd",
            "n".repeat(10_240),
            "<b>".repeat(3_000));

    private Hostile() {}

    /** The page is well-formed, and has no element or attribute but Lathe's own. */
    static Document requireText(String page, int scripts) throws Exception {
        Document xml = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(page)));
        assertThat(xml.getElementsByTagName("script").getLength()).isEqualTo(scripts);
        assertThat(page).doesNotContain("\u202E", "\u2066", "\u0000");
        NodeList all = xml.getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            Element e = (Element) all.item(i);
            assertThat(e.getTagName()).isNotIn("img", "iframe", "object", "embed", "base", "link");
            for (int k = 0; k < e.getAttributes().getLength(); k++) {
                String attribute = e.getAttributes().item(k).getNodeName();
                assertThat(attribute).doesNotStartWith("on").isNotIn("src", "style");
                if (attribute.equals("href")) {
                    assertThat(e.getAttribute("href")).startsWith("/").doesNotStartWith("//");
                }
            }
        }
        return xml;
    }
}
