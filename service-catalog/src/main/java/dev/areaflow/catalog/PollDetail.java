package dev.areaflow.catalog;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.expressions.InvalidExpressionException;
import dev.areaflow.expressions.ItemCondition;
import dev.areaflow.expressions.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The request for each thing that an item of a list only names; its answer becomes the event. Safe
 * for several threads.
 */
final class PollDetail {
  /** The key in {@code ${inputs.item}}, what the item names. */
  private static final String ITEM = "item";

  private static final int LONGEST_ID = PollSource.LONGEST_ID;

  private final RequestTemplate request;
  private final JsonPointer each;
  private final JsonPointer id;
  private final @Nullable JsonPointer address;
  private final @Nullable JsonPointer resume;
  private final @Nullable RequestTemplate otherwise;
  private final boolean isMail;
  private final List<String> time;
  private final List<String> itemTime;
  private final @Nullable ItemCondition where;

  /**
   * One thing to ask for.
   *
   * @param id its id, and the event's
   * @param address where it is; null where the request says so
   * @param item the list's item that names it
   * @param resume the cursor from which on a poll has not yet what comes after its item; null where
   *     answers have it
   * @param endsItem whether the item names nothing behind it
   */
  record Wanted(
      String id,
      @Nullable String address,
      JsonNode item,
      @Nullable String resume,
      boolean endsItem) {}

  private PollDetail(
      Manifest.DetailPart part,
      List<String> itemTime,
      @Nullable Endpoint endpoint,
      @Nullable ItemCondition where) {
    this.request = new RequestTemplate(part.request(), endpoint);
    this.each = JsonPointer.compile(part.each() == null ? "" : part.each());
    this.id = JsonPointer.compile(part.id());
    this.address = part.address() == null ? null : JsonPointer.compile(part.address());
    this.resume = part.resume() == null ? null : JsonPointer.compile(part.resume());
    this.otherwise =
        part.otherwise() == null ? null : new RequestTemplate(part.otherwise(), endpoint);
    this.isMail = "gmail_message".equals(part.format());
    this.time = part.time() == null ? List.of() : part.time();
    this.itemTime = itemTime;
    this.where = where;
  }

  /**
   * The part of a manifest's poll.
   *
   * @param itemTime where an item of the list says when it happened
   * @param problems is told those of which the manifest's author is the cause, by pointer
   */
  static PollDetail of(
      Manifest.DetailPart part,
      List<String> itemTime,
      Inputs inputs,
      @Nullable Endpoint endpoint,
      boolean hasEndpoint,
      List<Problem> problems) {
    if (inputs.keys().contains(ITEM)) {
      problems.add(
          new Problem("/request", "expected no input " + ITEM + ": it is what the list names"));
    }
    RequestTemplate.lint(part.request(), inputs.and(ITEM), hasEndpoint, Set.of())
        .forEach(p -> problems.add(new Problem("/request" + p.pointer(), p.detail())));
    if (part.otherwise() != null) {
      RequestTemplate.lint(part.otherwise(), inputs.and(ITEM), hasEndpoint, Set.of())
          .forEach(p -> problems.add(new Problem("/otherwise" + p.pointer(), p.detail())));
    }
    @Nullable ItemCondition where = null;
    if (part.where() != null) {
      try {
        where = Expressions.itemCondition(part.where());
      } catch (InvalidExpressionException e) {
        e.problems().forEach(p -> problems.add(new Problem("/where", p.detail())));
      }
    }
    return new PollDetail(part, itemTime, endpoint, where);
  }

  /**
   * What an item of the list names.
   *
   * @throws UnusableAnswerException if there is no id or no cursor where it should be
   */
  List<Wanted> wanted(JsonNode item) throws UnusableAnswerException {
    JsonNode named = item.at(each);
    List<JsonNode> all = new ArrayList<>();
    if (named.isArray()) {
      named.forEach(all::add);
    } else if (!named.isMissingNode()) {
      all.add(named);
    }
    @Nullable String from = resume(item);
    List<Wanted> wanted = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      JsonNode thing = all.get(i);
      wanted.add(
          new Wanted(
              text(thing, id),
              address == null ? null : text(thing, address),
              item,
              from,
              i == all.size() - 1));
    }
    return wanted;
  }

  /** The cursor from which on there is what comes after an item; null where answers have it. */
  @Nullable String resume(JsonNode item) throws UnusableAnswerException {
    return resume == null ? null : text(item, resume);
  }

  private static String text(JsonNode node, JsonPointer at) throws UnusableAnswerException {
    JsonNode found = node.at(at);
    boolean isId = found.isTextual() || found.isIntegralNumber();
    if (!isId || found.asText().isEmpty() || found.asText().length() > LONGEST_ID) {
      throw new UnusableAnswerException(
          "expected a text or whole number of at most "
              + LONGEST_ID
              + " characters at "
              + PollFinder.shown(at)
              + " of what an item names");
    }
    return found.asText();
  }

  /** Whether items of the list have cursors; where they have none, the answers have the time. */
  boolean isResumed() {
    return resume != null;
  }

  /** The request for a thing. */
  OutboundRequest request(ObjectNode inputs, Wanted wanted) {
    return request.fill(inputs.deepCopy().put(ITEM, wanted.id()));
  }

  /** The request for less of a thing whose answer cannot be read; empty where there is none. */
  Optional<OutboundRequest> otherwise(ObjectNode inputs, Wanted wanted) {
    return Optional.ofNullable(otherwise)
        .map(less -> less.fill(inputs.deepCopy().put(ITEM, wanted.id())));
  }

  /** What an answer has, as it becomes the event. */
  JsonNode read(JsonNode answer) {
    return isMail ? GmailMessage.decoded(answer) : answer;
  }

  /**
   * What a thing becomes; empty where it does not count.
   *
   * @param inputs the hook's, with their defaults
   * @throws UnusableAnswerException if the manifest's condition does not fit the answer
   */
  Optional<PollSource.Item> item(Wanted wanted, JsonNode answer, JsonNode inputs)
      throws UnusableAnswerException {
    try {
      if (where != null && !where.matches(answer, inputs)) {
        return Optional.empty();
      }
    } catch (EvaluationException e) {
      throw new UnusableAnswerException(
          "expected an answer that the manifest's condition fits, found another", e);
    }
    @Nullable Instant happened =
        time.isEmpty() ? ListFinder.time(itemTime, wanted.item()) : ListFinder.time(time, answer);
    return Optional.of(
        new PollSource.Item(wanted.id(), happened, PollFinder.bytes(PollFinder.JSON, answer)));
  }

  /** Whether a status says that a thing is not there any more since the list named it. */
  static boolean isGone(int status) {
    return status == 404 || status == 410;
  }
}
