package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.rometools.rome.feed.synd.SyndCategory;
import com.rometools.rome.feed.synd.SyndContent;
import com.rometools.rome.feed.synd.SyndEntry;
import com.rometools.rome.feed.synd.SyndFeed;
import com.rometools.rome.feed.synd.SyndFeedImpl;
import com.rometools.rome.feed.synd.SyndLink;
import com.rometools.rome.io.FeedException;
import com.rometools.rome.io.SAXBuilder;
import com.rometools.rome.io.WireFeedInput;
import com.rometools.rome.io.XmlReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Reader;
import java.util.Date;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads feeds, RSS and Atom of any version, as JSON: <code>{feed: {title, link, updated}, entries:
 * [{id, title, link, author, published, updated, summary, content, categories}]}</code>. Times are
 * left out where there are none, texts are empty; entries are in the feed's order.
 *
 * <p>A document type, and with it every entity that is not HTML's, is refused.
 */
final class FeedReader {
  /** XHTML in an entry is nested, too; deeper documents could exhaust the stack. */
  private static final int DEEPEST = 100;

  private static final Pattern CHARSET =
      Pattern.compile("(?i);\\s*charset\\s*=\\s*\"?([A-Za-z0-9._:-]{1,40})");

  private FeedReader() {}

  /**
   * Reads a feed.
   *
   * @param contentType as it was answered; what it says of the encoding counts
   * @throws UnusableAnswerException if it is none
   */
  static JsonNode read(byte[] body, @Nullable String contentType) throws UnusableAnswerException {
    SyndFeed feed;
    try (Reader reader = reader(body, contentType)) {
      feed = new SyndFeedImpl(new BoundedInput().build(reader));
    } catch (FeedException | IOException | RuntimeException e) {
      // Unchecked ones as well: the library throws them for some of what it does not understand.
      throw new UnusableAnswerException(
          "expected a feed, RSS or Atom, that is well-formed XML without a document type; found"
              + " something else or a cut answer",
          e);
    }
    ObjectNode about = JsonNodeFactory.instance.objectNode();
    about.put("title", text(feed.getTitle()));
    about.put("link", link(feed));
    put(about, "updated", feed.getPublishedDate());
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.set("feed", about);
    ArrayNode entries = answer.putArray("entries");
    feed.getEntries().forEach(entry -> entries.add(entry(entry)));
    return answer;
  }

  /** All media types are read as application/xml is, as RFC 7303 has it even of text/xml. */
  private static Reader reader(byte[] body, @Nullable String contentType) throws IOException {
    Matcher charset = CHARSET.matcher(contentType == null ? "" : contentType);
    String type = "application/xml" + (charset.find() ? "; charset=" + charset.group(1) : "");
    return new XmlReader(new ByteArrayInputStream(body), type, true);
  }

  private static String link(SyndFeed feed) {
    return feed.getLinks().stream()
        .filter(link -> link.getRel() == null || link.getRel().equals("alternate"))
        .map(SyndLink::getHref)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(text(feed.getLink()));
  }

  private static ObjectNode entry(SyndEntry entry) {
    String title = text(entry.getTitle());
    String link = text(entry.getLink());
    String summary = entry.getDescription() == null ? "" : text(entry.getDescription().getValue());
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("id", id(text(entry.getUri()), link, title + "\n" + summary));
    json.put("title", title);
    json.put("link", link);
    json.put("author", text(entry.getAuthor()));
    put(json, "published", entry.getPublishedDate());
    put(json, "updated", entry.getUpdatedDate());
    json.put("summary", summary);
    json.put(
        "content",
        entry.getContents().stream()
            .map(SyndContent::getValue)
            .filter(Objects::nonNull)
            .collect(Collectors.joining("\n")));
    ArrayNode categories = json.putArray("categories");
    entry.getCategories().stream()
        .map(SyndCategory::getName)
        .filter(Objects::nonNull)
        .forEach(categories::add);
    return json;
  }

  /** The first that there is; of long ones, and of texts, a digest. */
  private static String id(String given, String link, String text) {
    String id = given.isBlank() ? link : given;
    return id.isBlank() || id.length() > PollSource.LONGEST_ID
        ? UUID.nameUUIDFromBytes((id.isBlank() ? text : id).getBytes(UTF_8)).toString()
        : id;
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text.strip();
  }

  private static void put(ObjectNode json, String field, @Nullable Date time) {
    if (time != null) {
      json.put(field, time.toInstant().toString());
    }
  }

  /** The library's, which refuses document types, with a bound for how deep elements are nested. */
  private static final class BoundedInput extends WireFeedInput {
    BoundedInput() {
      super(false, Locale.ROOT);
    }

    @Override
    protected SAXBuilder createSAXBuilder() {
      SAXBuilder builder = super.createSAXBuilder();
      builder.setProperty("jdk.xml.maxElementDepth", DEEPEST);
      return builder;
    }
  }
}
