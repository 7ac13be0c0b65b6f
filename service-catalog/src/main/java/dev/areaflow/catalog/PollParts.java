package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.expressions.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks what a schema cannot say of the parts of a poll that belong together. */
final class PollParts {
  private PollParts() {}

  /**
   * The problems of which the manifest's author is the cause, by pointer; empty if none.
   *
   * @param hasEndpoint whether the service has a base URL, below which paths are
   */
  static List<Problem> lint(Manifest.PollPart part, Inputs inputs, boolean hasEndpoint) {
    List<Problem> problems = new ArrayList<>();
    Manifest.@Nullable CursorPart cursor = part.cursor();
    boolean sent = holdsCursor(part.request());
    if (part.paginate() != null
        && part.paginate().type().equals("cursor")
        && part.paginate().param() == null
        && !sent) {
      problems.add(
          new Problem(
              "/paginate",
              "expected param, or ${cursor} in the request, where the next page's cursor goes"));
    }
    if (part.about() != null) {
      part.about()
          .forEach(
              (name, request) ->
                  RequestTemplate.lint(request, inputs, hasEndpoint, Set.of())
                      .forEach(
                          p ->
                              problems.add(
                                  new Problem("/about/" + name + p.pointer(), p.detail()))));
    }
    problems.addAll(PollPayload.lint(part, inputs));
    if (part.recent() && (cursor == null || !cursor.type().equals("time") || part.time() == null)) {
      problems.add(
          new Problem("/recent", "expected a cursor of the type time, and the time of an item"));
    }
    if (cursor == null) {
      return problems;
    }
    if (cursor.type().equals("url") && sent) {
      problems.add(
          new Problem(
              "/cursor/type", "expected no ${cursor} in the request: url takes the place of its"));
    }
    Manifest.@Nullable InitPart init = cursor.init();
    if (init == null || init.now()) {
      return problems;
    }
    if (cursor.type().equals("token") && !sent) {
      problems.add(
          new Problem("/cursor/init", "expected ${cursor} in the request, or nothing goes on"));
    }
    if (init.remember() && (cursor.type().equals("url") || part.items() == null)) {
      problems.add(
          new Problem("/cursor/init/remember", "expected a cursor of the type token, of a list"));
    }
    if (init.request() != null) {
      RequestTemplate.lint(init.request(), inputs, hasEndpoint, Set.of(RequestQuery.NOW))
          .forEach(
              p -> problems.add(new Problem("/cursor/init/request" + p.pointer(), p.detail())));
    }
    return problems;
  }

  private static boolean holdsCursor(JsonNode part) {
    if (part.isTextual()) {
      return part.textValue().contains(References.CURSOR);
    }
    for (JsonNode each : part) {
      if (holdsCursor(each)) {
        return true;
      }
    }
    return false;
  }
}
