package dev.areaflow.schemas.rows;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page about rules: each section's example as people write it, the plan that it has to become,
 * and what it says of a few events. One module makes the plan, another runs it.
 */
public final class RulePage {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern SECTION = Pattern.compile("\n## (.+)\n");
  private static final Pattern EXAMPLE = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);
  private static final Pattern ROW =
      Pattern.compile(
          "\\| (next day )?(\\d\\d:\\d\\d:\\d\\d) \\| (\\w+ )?(?:`(.*)`)? ?\\| (.*?) ?\\|");

  private RulePage() {}

  /**
   * A section of the page.
   *
   * @param name its title
   * @param example a rule, or a whole definition
   * @param plan the fields of the plan that the rule has to become
   */
  public record Section(String name, JsonNode example, JsonNode plan, List<Row> rows) {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * A row of the table below an example.
   *
   * @param isNextDay whether the time is of the second day
   * @param time of the day
   * @param of the event's action, where the example has several; else empty
   * @param payload of the event; empty where only time passes
   * @param then what the AREA does
   */
  public record Row(boolean isNextDay, String time, String of, String payload, String then) {}

  /** The first example of the page, a whole definition. */
  public static JsonNode introduction() {
    return example(page());
  }

  /** The sections, in their order. */
  public static List<Section> sections() {
    String page = page();
    JsonNode plans = plans();
    List<Section> sections = new ArrayList<>();
    Matcher title = SECTION.matcher(page);
    while (title.find()) {
      int end = page.indexOf("\n## ", title.end());
      String text = page.substring(title.end(), end < 0 ? page.length() : end);
      String name = title.group(1);
      sections.add(new Section(name, example(text), plans.path(name), rows(text)));
    }
    return sections;
  }

  private static JsonNode example(String text) {
    Matcher example = EXAMPLE.matcher(text);
    if (!example.find()) {
      throw new AssertionError("expected an example in " + text);
    }
    return json(example.group(1));
  }

  private static List<Row> rows(String text) {
    List<Row> rows = new ArrayList<>();
    for (Matcher row = ROW.matcher(text); row.find(); ) {
      rows.add(
          new Row(
              row.group(1) != null,
              row.group(2),
              row.group(3) == null ? "" : row.group(3).strip(),
              row.group(4) == null ? "" : row.group(4),
              row.group(5)));
    }
    return rows;
  }

  private static String page() {
    try {
      return Files.readString(Path.of("..", "docs", "rules.md"), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode plans() {
    try (var file = RulePage.class.getResourceAsStream("/dev/areaflow/schemas/rules/plans.json")) {
      return JSON.readTree(Objects.requireNonNull(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
