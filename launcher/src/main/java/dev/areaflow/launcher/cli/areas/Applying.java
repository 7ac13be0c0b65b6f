package dev.areaflow.launcher.cli.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.RefusedException;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.cli.terminal.Progress;
import dev.areaflow.launcher.definitions.ApplyPlan;
import dev.areaflow.launcher.definitions.Intent;
import dev.areaflow.launcher.definitions.InvalidDefinitionsException;
import dev.areaflow.launcher.definitions.WrittenArea;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Carries a plan out: what is new first and what is deleted last, so that a renamed AREA is there
 * before it is gone. It ends at the first refusal; applying again goes on from there.
 */
final class Applying {
  private static final String AREAS = "/api/v1/areas";

  private final Api api;
  private final Progress progress;

  Applying(Api api, Progress progress) {
    this.api = api;
    this.progress = progress;
  }

  /**
   * Has the server try every definition that would be written.
   *
   * @throws InvalidDefinitionsException with what it says against any of them
   */
  void tryFirst(ApplyPlan plan) throws IOException, InterruptedException {
    List<WrittenArea> written = new ArrayList<>();
    plan.all(Intent.Create.class).forEach(create -> written.add(create.wanted()));
    plan.all(Intent.Change.class).forEach(change -> written.add(change.wanted()));
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < written.size(); i++) {
      progress.show(i, written.size(), "definitions tried");
      problems.addAll(problems(written.get(i)));
    }
    progress.hide();
    if (!problems.isEmpty()) {
      throw new InvalidDefinitionsException(problems);
    }
  }

  private List<String> problems(WrittenArea area) throws IOException, InterruptedException {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.set("definition", area.definition());
    try {
      JsonNode _ = api.post(AREAS + "/try", body);
      return List.of();
    } catch (RefusedException e) {
      List<String> problems = e.problemsOf(area);
      if (problems.isEmpty()) {
        progress.hide();
        throw e;
      }
      return problems;
    }
  }

  /** Does it, and gives what was made or changed as the API answered it. */
  List<JsonNode> apply(ApplyPlan plan) throws IOException, InterruptedException {
    List<JsonNode> done = new ArrayList<>();
    int all = plan.all(Intent.Create.class).size() + plan.all(Intent.Change.class).size();
    for (Intent.Create create : plan.all(Intent.Create.class)) {
      progress.show(done.size(), all, "AREAs written");
      done.add(written(create.wanted(), () -> api.post(AREAS, create.wanted().definition())));
    }
    for (Intent.Change change : plan.all(Intent.Change.class)) {
      progress.show(done.size(), all, "AREAs written");
      done.add(
          written(
              change.wanted(),
              () ->
                  api.put(
                      address(change.area()),
                      change.wanted().definition(),
                      change.area().path("version").asLong())));
    }
    progress.hide();
    for (Intent.Delete delete : plan.all(Intent.Delete.class)) {
      JsonNode _ = api.delete(address(delete.area()));
    }
    return done;
  }

  private interface Call {
    JsonNode make() throws IOException, InterruptedException;
  }

  private static JsonNode written(WrittenArea area, Call call)
      throws IOException, InterruptedException {
    try {
      return call.make();
    } catch (RefusedException e) {
      if (e.status() == 412) {
        throw CommandFailure.of(
            "\""
                + area.name()
                + "\" was changed meanwhile by somebody else; look, then apply again");
      }
      throw FileOptions.told(e, area);
    }
  }

  private static String address(JsonNode area) {
    return AREAS + "/" + area.path("id").asText();
  }

  /** The hooks that an AREA listens to, as the API answered it. */
  static List<ObjectNode> hooks(JsonNode area) {
    List<ObjectNode> hooks = new ArrayList<>();
    if (area.path("hook") instanceof ObjectNode hook) {
      hooks.add(hook);
    }
    for (JsonNode each : area.path("hooks")) {
      hooks.add((ObjectNode) each);
    }
    return List.copyOf(hooks);
  }

  /** The id of a hook's action with a space behind it, empty where the AREA has but one. */
  static String hookOf(JsonNode hook) {
    return hook.has("of") ? Printable.of(hook.path("of").asText()) + " " : "";
  }
}
