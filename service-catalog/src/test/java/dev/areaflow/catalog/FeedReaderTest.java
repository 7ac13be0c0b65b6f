package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FeedReaderTest {
  /** The longer example of RFC 4287, section 1.1. */
  private static final String ATOM =
      """
      <?xml version="1.0" encoding="utf-8"?>
      <feed xmlns="http://www.w3.org/2005/Atom">
        <title type="text">dive into mark</title>
        <subtitle type="html">
          A &lt;em&gt;lot&lt;/em&gt; of effort
          went into making this effortless
        </subtitle>
        <updated>2005-07-31T12:29:29Z</updated>
        <id>tag:example.org,2003:3</id>
        <link rel="alternate" type="text/html" hreflang="en" href="http://example.org/"/>
        <link rel="self" type="application/atom+xml" href="http://example.org/feed.atom"/>
        <rights>Copyright (c) 2003, Mark Pilgrim</rights>
        <generator uri="http://www.example.com/" version="1.0">Example Toolkit</generator>
        <entry>
          <title>Atom draft-07 snapshot</title>
          <link rel="alternate" type="text/html" href="http://example.org/2005/04/02/atom"/>
          <link rel="enclosure" type="audio/mpeg" length="1337"
            href="http://example.org/audio/ph34r_my_podcast.mp3"/>
          <id>tag:example.org,2003:3.2397</id>
          <updated>2005-07-31T12:29:29Z</updated>
          <published>2003-12-13T08:29:29-04:00</published>
          <author>
            <name>Mark Pilgrim</name>
            <uri>http://example.org/</uri>
            <email>f8dy@example.com</email>
          </author>
          <contributor><name>Sam Ruby</name></contributor>
          <content type="xhtml" xml:lang="en" xml:base="http://diveintomark.org/">
            <div xmlns="http://www.w3.org/1999/xhtml">
              <p><i>[Update: The Atom draft is finished.]</i></p>
            </div>
          </content>
        </entry>
      </feed>
      """;

  /** With the elements of an item that the specification of RSS 2.0 names. */
  private static final String RSS =
      """
      <?xml version="1.0"?>
      <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
        <channel>
          <title>Spacecraft news</title>
          <link>https://space.example.org/</link>
          <description>What flies.</description>
          <pubDate>Tue, 10 Jun 2003 04:00:00 GMT</pubDate>
          <item>
            <title>Star city</title>
            <link>https://space.example.org/star-city</link>
            <description>How to &lt;b&gt;train&lt;/b&gt; for a flight.</description>
            <author>ada@example.org (Ada)</author>
            <category domain="https://space.example.org/topics">training</category>
            <category>people</category>
            <pubDate>Tue, 03 Jun 2003 09:39:21 GMT</pubDate>
            <guid isPermaLink="false">item573</guid>
            <content:encoded><![CDATA[<p>All of it.</p>]]></content:encoded>
          </item>
          <item>
            <title>Engines&nbsp;that go fast</title>
            <link>https://space.example.org/engines</link>
          </item>
          <item><description>Neither title nor link &amp; no guid.</description></item>
        </channel>
      </rss>
      """;

  @Test
  void anAtomFeedIsReadWithAllThatItSays() throws UnusableAnswerException {
    // when
    JsonNode read = read(ATOM, "application/atom+xml");

    // then
    assertThat(read.at("/feed/title").asText()).isEqualTo("dive into mark");
    assertThat(read.at("/feed/link").asText()).isEqualTo("http://example.org/");
    assertThat(read.at("/feed/updated").asText()).isEqualTo("2005-07-31T12:29:29Z");
    JsonNode entry = read.at("/entries/0");
    assertThat(entry.path("id").asText()).isEqualTo("tag:example.org,2003:3.2397");
    assertThat(entry.path("title").asText()).isEqualTo("Atom draft-07 snapshot");
    assertThat(entry.path("link").asText()).isEqualTo("http://example.org/2005/04/02/atom");
    assertThat(entry.path("author").asText()).isEqualTo("Mark Pilgrim");
    assertThat(entry.path("published").asText()).isEqualTo("2003-12-13T12:29:29Z");
    assertThat(entry.path("updated").asText()).isEqualTo("2005-07-31T12:29:29Z");
    assertThat(entry.path("summary").asText()).isEmpty();
    assertThat(entry.path("content").asText()).contains("[Update: The Atom draft is finished.]");
    assertThat(read.path("entries")).hasSize(1);
  }

  @Test
  void anRssFeedIsReadWithAllThatItSays() throws UnusableAnswerException {
    // when
    JsonNode read = read(RSS, "application/rss+xml; charset=utf-8");

    // then
    JsonNode entry = read.at("/entries/0");
    assertThat(entry.path("id").asText()).isEqualTo("item573");
    assertThat(entry.path("title").asText()).isEqualTo("Star city");
    assertThat(entry.path("link").asText()).isEqualTo("https://space.example.org/star-city");
    assertThat(entry.path("author").asText()).contains("ada@example.org");
    assertThat(entry.path("published").asText()).isEqualTo("2003-06-03T09:39:21Z");
    assertThat(entry.has("updated")).isFalse();
    assertThat(entry.path("summary").asText()).isEqualTo("How to <b>train</b> for a flight.");
    assertThat(entry.path("content").asText()).isEqualTo("<p>All of it.</p>");
    assertThat(entry.path("categories"))
        .extracting(JsonNode::asText)
        .containsExactly("training", "people");
  }

  @Test
  void anEntryWithoutAnIdHasItsLinkOrADigestOfItsTexts() throws UnusableAnswerException {
    // when
    JsonNode read = read(RSS, null);
    JsonNode again = read(RSS, null);

    // then
    assertThat(read.at("/entries/1/id").asText()).isEqualTo("https://space.example.org/engines");
    assertThat(read.at("/entries/1/title").asText()).isEqualTo("Engines\u00a0that go fast");
    assertThat(read.at("/entries/2/id").asText())
        .hasSize(36)
        .isEqualTo(again.at("/entries/2/id").asText());
  }

  @Test
  void aLongIdBecomesADigest() throws UnusableAnswerException {
    // when
    JsonNode read = read(RSS.replace("item573", "x".repeat(PollSource.LONGEST_ID + 1)), null);

    // then
    assertThat(read.at("/entries/0/id").asText()).hasSize(36);
  }

  @Test
  void theEncodingIsWhatTheDocumentOrTheAnswerSays() throws UnusableAnswerException {
    // given
    String text = "<rss version='2.0'><channel><title>Grüße</title></channel></rss>";

    // then
    assertThat(title((declared("ISO-8859-1") + text).getBytes(ISO_8859_1), "application/xml"))
        .isEqualTo("Grüße");
    assertThat(title((declared("ISO-8859-1") + text).getBytes(ISO_8859_1), "text/xml"))
        .isEqualTo("Grüße");
    assertThat(title((declared("UTF-16") + text).getBytes(UTF_16), "application/rss+xml"))
        .isEqualTo("Grüße");
    assertThat(title(text.getBytes(UTF_8), null)).isEqualTo("Grüße");
    assertThat(title(("\ufeff" + text).getBytes(UTF_8), "text/xml")).isEqualTo("Grüße");
    assertThat(title(text.getBytes(ISO_8859_1), "application/xml; charset=ISO-8859-1"))
        .isEqualTo("Grüße");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/html",
        "text/plain; charset=utf-8",
        "application/octet-stream",
        "not a type"
      })
  void aFeedThatIsCalledSomethingElseIsReadAllTheSame(String contentType)
      throws UnusableAnswerException {
    // then
    assertThat(read(ATOM, contentType).path("entries")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "{\"feed\":{}}",
        "<html><body>Not found</body></html>",
        "<rss version=\"2.0\"><channel><title>cut",
        "<rss version=\"2.0\"></rss>",
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><a:b/></entry></feed>",
        "<?xml version=\"1.0\" encoding=\"no-such\"?><rss version=\"2.0\"><channel/></rss>",
        "\u0000\u0001\u0002"
      })
  void whatIsNoFeedIsRefused(String body) {
    assertRefused(body);
  }

  @Test
  void entitiesAreNeitherExpandedNorFetched() {
    // given
    StringBuilder laughs = new StringBuilder("<!DOCTYPE rss [<!ENTITY l0 \"ha\">");
    for (int i = 1; i < 40; i++) {
      laughs.append("<!ENTITY l%d \"&l%d;&l%d;\">".formatted(i, i - 1, i - 1));
    }
    String rss = "<rss version=\"2.0\"><channel><title>&%s;</title></channel></rss>";

    // then
    assertRefused(laughs + "]>" + rss.formatted("l39"));
    assertRefused(
        "<!DOCTYPE rss [<!ENTITY f SYSTEM \"file:///etc/hostname\">]>" + rss.formatted("f"));
    assertRefused("<!DOCTYPE rss SYSTEM \"http://127.0.0.1:1/rss.dtd\">" + rss.formatted("amp"));
  }

  @Test
  void elementsThatAreNestedTooDeepAreRefused() {
    assertRefused(ATOM.replace("<p>", "<p>" + "<b>".repeat(50_000) + "</b>".repeat(50_000)));
  }

  private static void assertRefused(String body) {
    assertThatThrownBy(() -> read(body, "application/rss+xml"))
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("expected a feed");
  }

  private static String declared(String encoding) {
    return "<?xml version='1.0' encoding='" + encoding + "'?>";
  }

  private static String title(byte[] body, @Nullable String contentType)
      throws UnusableAnswerException {
    return FeedReader.read(body, contentType).at("/feed/title").asText();
  }

  private static JsonNode read(String body, @Nullable String contentType)
      throws UnusableAnswerException {
    return FeedReader.read(body.getBytes(UTF_8), contentType);
  }
}
