package dev.areaflow.api.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A page that tells a person one thing. It needs no script, and nothing of it is loaded from
 * anywhere.
 *
 * @param status HTTP status
 * @param title what happened, in a few words
 * @param text what it means, and what to do now
 * @param code to be copied; empty for none
 * @param link where to go on; null for nowhere
 */
public record Notice(int status, String title, String text, String code, @Nullable Link link) {
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  /**
   * A link.
   *
   * @param to a path of ours
   */
  record Link(String to, String text) {}

  /** One with something to be copied. */
  public Notice(int status, String title, String text, String code) {
    this(status, title, text, code, null);
  }

  /** One with nothing but its text. */
  public Notice(int status, String title, String text) {
    this(status, title, text, "");
  }

  /** This page with a link to a path of ours. */
  public Notice leadingTo(String path, String label) {
    return new Notice(status, title, text, code, new Link(path, label));
  }

  /** The page. */
  public Answer answer() {
    String html =
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>%1$s · Areaflow</title>
        <style>
        :root { --page: #f4f6f8; --card: #fff; --text: #1c2733; --soft: #5b6875; --line: #dde3e9; --mark: %4$s; }
        @media (prefers-color-scheme: dark) {
          :root { --page: #12171c; --card: #1b2229; --text: #e8edf2; --soft: #9aa7b4; --line: #2e3841; }
        }
        body { font: 1.05rem/1.55 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid;
          place-items: center; background: var(--page); color: var(--text); }
        main { box-sizing: border-box; width: min(34rem, 100vw - 2rem); margin: 1rem; padding: 2rem;
          background: var(--card); border: 1px solid var(--line); border-top: .3rem solid var(--mark);
          border-radius: .6rem; overflow-wrap: anywhere; }
        small { color: var(--soft); }
        h1 { font-size: 1.45rem; line-height: 1.25; margin: .4rem 0 1rem; }
        p { margin: 0; }
        a { display: inline-block; margin-top: 1.2rem; padding: .45rem 1.1rem; border-radius: .4rem;
          background: var(--mark); color: #fff; text-decoration: none; }
        pre { margin: 1.2rem 0 0; padding: 1rem; font-size: .85rem; white-space: pre-wrap;
          background: var(--page); border: 1px solid var(--line); border-radius: .4rem; user-select: all; }
        </style>
        </head>
        <body>
        <main>
        <small>Areaflow</small>
        <h1>%1$s</h1>
        <p>%2$s</p>
        %3$s
        %5$s
        </main>
        </body>
        </html>
        """
            .formatted(
                escaped(title),
                escaped(text),
                code.isEmpty() ? "" : "<pre>" + escaped(code) + "</pre>",
                status < 300 ? "#23824b" : "#c2402f",
                link == null
                    ? ""
                    : "<a href=\"" + escaped(link.to()) + "\">" + escaped(link.text()) + "</a>");
    return new Answer(
        status,
        Map.of(
            "Content-Type",
            "text/html; charset=utf-8",
            "Content-Security-Policy",
            POLICY,
            "Cache-Control",
            "no-store",
            "Referrer-Policy",
            "no-referrer"),
        html.getBytes(UTF_8));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
