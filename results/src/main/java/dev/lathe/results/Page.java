package dev.lathe.results;

import java.util.List;

/**
 * The frame of a page that needs nothing besides itself: styles and scripts are in it, and its content policy forbids everything
 * else. It is well-formed XML too.
 */
final class Page {
    private Page() {}

    /**
     * @param title foreign text
     * @param body markup, escaped by whoever made it
     * @param scripts names of resources
     * @param connects whether the page may ask its own server
     */
    static String of(String title, String body, List<String> scripts, boolean connects) {
        StringBuilder html = new StringBuilder(body.length() + (1 << 15));
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
        html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
        html.append("<meta name=\"color-scheme\" content=\"light dark\"/>\n");
        html.append(
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline';"
                                + " script-src 'unsafe-inline'")
                .append(connects ? "; connect-src 'self'" : "")
                .append("\"/>\n");
        html.append("<title>").append(Html.text(title)).append(" – Lathe</title>\n<style>\n");
        html.append(Resources.text("report.css")).append("</style>\n</head>\n<body>\n<main>\n");
        html.append(body).append("</main>\n");
        for (String script : scripts) {
            // For readers of XML, a script is text.
            html.append("<script>/*<![CDATA[*/\n")
                    .append(Resources.text(script))
                    .append("/*]]>*/</script>\n");
        }
        return html.append("</body>\n</html>\n").toString();
    }

    /** Numbers for a script: JSON that no markup can end. */
    static String json(String id, String json) {
        return "<script type=\"application/json\" id=\"" + id + "\">"
                + json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026") + "</script>\n";
    }
}
