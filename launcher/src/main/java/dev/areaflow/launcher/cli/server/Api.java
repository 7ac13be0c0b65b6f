package dev.areaflow.launcher.cli.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import dev.areaflow.launcher.client.Answer;
import dev.areaflow.launcher.client.AreaClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The HTTP API as commands use it: what is no success is a {@link RefusedException}. */
public final class Api {
  /** So many items has a page at most. */
  public static final int MOST_OF_A_PAGE = 200;

  private final AreaClient client;

  /** The API as this client reaches it. */
  public Api(AreaClient client) {
    this.client = client;
  }

  /** The body that a GET is answered with. */
  public JsonNode get(String path) throws IOException, InterruptedException {
    return accepted(client.get(path));
  }

  /** The body that a POST is answered with. */
  public JsonNode post(String path, JsonNode body) throws IOException, InterruptedException {
    return accepted(client.post(path, body));
  }

  /** A POST that says all by its address. */
  public JsonNode post(String path) throws IOException, InterruptedException {
    return post(path, JsonNodeFactory.instance.objectNode());
  }

  /**
   * The body that a PUT is answered with.
   *
   * @param version that it replaces
   */
  public JsonNode put(String path, JsonNode body, long version)
      throws IOException, InterruptedException {
    return accepted(client.put(path, body, version));
  }

  /** The body that a DELETE is answered with; a missing node where there is none. */
  public JsonNode delete(String path) throws IOException, InterruptedException {
    return accepted(client.delete(path));
  }

  /** As {@link AreaClient#postForLines}. */
  public void lines(String path, JsonNode body, Consumer<JsonNode> line)
      throws IOException, InterruptedException {
    JsonNode _ = accepted(client.postForLines(path, body, line));
  }

  /** The items of a list, over its pages. */
  public List<JsonNode> list(Query query) throws IOException, InterruptedException {
    return list(query, Integer.MAX_VALUE);
  }

  /** The first items of a list. */
  public List<JsonNode> list(Query query, int most) throws IOException, InterruptedException {
    List<JsonNode> items = new ArrayList<>();
    JsonNode next = JsonNodeFactory.instance.nullNode();
    do {
      JsonNode page = page(query, Math.min(MOST_OF_A_PAGE, most - items.size()), next.textValue());
      page.path("items").forEach(items::add);
      next = page.path("next");
    } while (next.isTextual() && items.size() < most);
    return items;
  }

  /**
   * A page of a list: {@code items}, and {@code next} where it is not the last.
   *
   * @param most 1 to {@link #MOST_OF_A_PAGE}
   * @param cursor {@code next} of the page before; null for the first
   */
  public JsonNode page(Query query, int most, @Nullable String cursor)
      throws IOException, InterruptedException {
    return get(query.with("limit", most).with("cursor", cursor).path());
  }

  /**
   * One's AREA of a name, or of an id.
   *
   * @throws CommandFailure where there is none
   */
  public JsonNode area(String nameOrId) throws IOException, InterruptedException {
    return found(
        list(new Query("/api/v1/areas").with("q", isId(nameOrId) ? null : nameOrId)),
        area -> area.path("name").asText().equals(nameOrId),
        nameOrId,
        "AREA",
        "area areas list");
  }

  /**
   * One's connection of a name, of {@code SERVICE/NAME}, or of an id.
   *
   * @throws CommandFailure where there is none, or more than one
   */
  public JsonNode connection(String nameOrId) throws IOException, InterruptedException {
    return found(
        list(new Query("/api/v1/connections")),
        each ->
            each.path("name").asText().equals(nameOrId)
                || (each.path("service").asText() + "/" + each.path("name").asText())
                    .equals(nameOrId),
        nameOrId,
        "connection",
        "area connections list");
  }

  private static JsonNode found(
      List<JsonNode> all, Predicate<JsonNode> isNamed, String nameOrId, String what, String where) {
    List<JsonNode> found =
        all.stream()
            .filter(each -> isNamed.test(each) || each.path("id").asText().equals(nameOrId))
            .toList();
    if (found.size() == 1) {
      return found.getFirst();
    }
    throw CommandFailure.of(
        found.isEmpty()
            ? "there is no " + what + " \"" + nameOrId + "\"; see: " + where
            : "\"" + nameOrId + "\" is " + found.size() + " of them; write SERVICE/NAME or the id");
  }

  /** Whether a text is an id, and no name. */
  public static boolean isId(String text) {
    try {
      UUID _ = UUID.fromString(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static JsonNode accepted(Answer answer) {
    if (answer.status() / 100 != 2) {
      throw new RefusedException(answer);
    }
    return answer.body();
  }
}
