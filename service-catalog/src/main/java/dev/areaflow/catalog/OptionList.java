package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.expressions.InvalidExpressionException;
import dev.areaflow.expressions.ItemCondition;
import dev.areaflow.expressions.Problem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an account has that an input may be: its repositories, its calendars. The service is asked
 * for it. Immutable and safe for several threads.
 */
public final class OptionList {
  /** Most options that are read. */
  public static final int MOST = 1_000;

  /** What a person looks for. */
  static final String SEARCH = "${q}";

  private static final Pattern INPUT = Pattern.compile("inputs\\.([a-z][A-Za-z0-9]{0,63})[})]");

  private final String name;
  private final RequestTemplate request;
  private final @Nullable RequestTemplate next;
  private final @Nullable Endpoint endpoint;
  private final @Nullable Paging paging;
  private final Manifest.PlacePart items;
  private final @Nullable ItemCondition where;
  private final ItemText value;
  private final ItemText label;
  private final Set<String> inputs;
  private final boolean searches;
  private final List<String> scopes;

  /**
   * One of them.
   *
   * @param value the input's; the value of one of its items where it is a list
   * @param label what people know it by
   */
  public record Option(String value, String label) {}

  /**
   * @param problems is told what the manifest's author did wrong, by pointer into the part
   */
  OptionList(
      String name, Manifest.OptionsPart part, @Nullable Endpoint endpoint, List<Problem> problems) {
    this.name = name;
    this.request = new RequestTemplate(part.request(), endpoint);
    this.next = part.next() == null ? null : new RequestTemplate(part.next(), endpoint);
    this.endpoint = endpoint;
    this.paging = part.paginate() == null ? null : new Paging(part.paginate());
    this.items = part.items();
    this.value = new ItemText(part.value());
    this.label = new ItemText(part.label());
    this.inputs = inputs(part);
    this.searches = part.request().toString().contains(SEARCH);
    this.scopes = part.scopes() == null ? List.of() : List.copyOf(part.scopes());
    @Nullable ItemCondition condition = null;
    if (part.where() != null) {
      try {
        condition = Expressions.itemCondition(part.where());
      } catch (InvalidExpressionException e) {
        e.problems().forEach(p -> problems.add(new Problem("/where", p.detail())));
      }
    }
    this.where = condition;
    value.lint().forEach(p -> problems.add(new Problem("/value", p.detail())));
    label.lint().forEach(p -> problems.add(new Problem("/label", p.detail())));
    lintPages(part, problems);
  }

  private static void lintPages(Manifest.OptionsPart part, List<Problem> problems) {
    Manifest.@Nullable PaginatePart pages = part.paginate();
    boolean byCursor = pages != null && pages.type().equals("cursor");
    boolean hasParameter = pages != null && pages.param() != null;
    if (byCursor && hasParameter == (part.next() != null)) {
      problems.add(
          new Problem("/paginate", "expected param or next, where the next page's cursor goes"));
    } else if (!byCursor && part.next() != null) {
      problems.add(new Problem("/next", "expected paginate to be of the type cursor"));
    }
  }

  private static Set<String> inputs(Manifest.OptionsPart part) {
    Set<String> keys = new TreeSet<>();
    INPUT.matcher(part.request().toString()).results().forEach(found -> keys.add(found.group(1)));
    return Collections.unmodifiableSet(keys);
  }

  /**
   * What is wrong with its requests where they are for an action or a reaction with these inputs.
   */
  static List<Problem> lint(Manifest.OptionsPart part, Inputs of, boolean hasEndpoint) {
    List<Problem> problems = new ArrayList<>();
    RequestTemplate.lint(part.request(), of, hasEndpoint, Set.of(SEARCH), true)
        .forEach(p -> problems.add(new Problem("/request" + p.pointer(), p.detail())));
    if (part.next() != null) {
      RequestTemplate.lint(part.next(), of, hasEndpoint, Set.of(References.CURSOR), true)
          .forEach(p -> problems.add(new Problem("/next" + p.pointer(), p.detail())));
    }
    return problems;
  }

  /** Unique in its service, for example {@code repositories}. */
  public String name() {
    return name;
  }

  /** The other inputs that it hangs on. */
  public Set<String> inputs() {
    return inputs;
  }

  /** Whether the service looks for what a person types; else the answer is looked through. */
  public boolean searches() {
    return searches;
  }

  /** What the consent of the account that is asked has to be about. */
  public List<String> scopes() {
    return scopes;
  }

  /**
   * Asks for them once.
   *
   * @param given the other inputs, by key
   * @param search what a person typed; empty for nothing
   */
  public OptionReading reading(Map<String, String> given, String search) {
    return new OptionReading(this, given, search);
  }

  RequestTemplate request() {
    return request;
  }

  /** The request of pages after the first; null where it is the first one's. */
  @Nullable RequestTemplate next() {
    return next;
  }

  @Nullable Endpoint endpoint() {
    return endpoint;
  }

  @Nullable Paging paging() {
    return paging;
  }

  /** The items of an answer; what is no list has none where they are optional. */
  JsonNode list(JsonNode answer) throws UnusableAnswerException {
    JsonNode list = answer.at(String.valueOf(items.pointer()));
    if (!list.isArray() && !(list.isMissingNode() && items.optional())) {
      throw new UnusableAnswerException(
          "expected an array at " + (items.pointer() == null ? "" : items.pointer()));
    }
    return list;
  }

  /** What an item of the list is; empty where it is none of them. */
  Optional<Option> option(JsonNode item, JsonNode given) throws UnusableAnswerException {
    try {
      if (where != null && !where.matches(item, given)) {
        return Optional.empty();
      }
    } catch (EvaluationException e) {
      throw new UnusableAnswerException(
          "expected an item that the manifest's condition fits, found another", e);
    }
    return value
        .of(item)
        .map(found -> new Option(found, label.of(item).filter(t -> !t.isBlank()).orElse(found)));
  }

  /**
   * Those that a person looks for.
   *
   * @param all as a reading found them
   * @param search what the person typed, which the service did not look for itself
   */
  public List<Option> narrowed(List<Option> all, String search) {
    String wanted = search.toLowerCase(Locale.ROOT);
    return searches
        ? all
        : all.stream()
            .filter(
                option ->
                    (option.label() + "\n" + option.value())
                        .toLowerCase(Locale.ROOT)
                        .contains(wanted))
            .toList();
  }
}
