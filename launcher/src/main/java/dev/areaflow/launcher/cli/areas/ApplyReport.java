package dev.areaflow.launcher.cli.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.cli.terminal.Palette;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.definitions.ApplyPlan;
import dev.areaflow.launcher.definitions.Difference;
import dev.areaflow.launcher.definitions.Intent;
import java.io.PrintWriter;
import java.util.List;

/**
 * What applying files would do, and has done, for people and for programs.
 *
 * @param plan what it takes
 */
record ApplyReport(ApplyPlan plan) {

  /** Prints a line for each AREA, and one for each field that changes. */
  void printPlan(PrintWriter out, Palette palette) {
    for (Intent intent : plan.intents()) {
      switch (intent) {
        case Intent.Create _ -> out.println(line(palette, "create", "+", intent));
        case Intent.Delete _ -> out.println(line(palette, "delete", "-", intent));
        case Intent.Keep _ -> out.println(line(palette, "unchanged", "=", intent));
        case Intent.Change change -> {
          out.println(line(palette, "change", "~", intent));
          change.differences().forEach(difference -> out.println("      " + line(difference)));
        }
      }
    }
    out.flush();
  }

  private static String line(Palette palette, String kind, String sign, Intent intent) {
    return palette.state(kind, "%s %-9s %s".formatted(sign, kind, Printable.of(intent.name())));
  }

  private static String line(Difference difference) {
    return "%s: %s → %s"
        .formatted(
            Printable.of(difference.field()),
            Printable.brief(difference.before()),
            Printable.brief(difference.after()));
  }

  /**
   * Prints what came of it.
   *
   * @param done what was made or changed, as the API answered it
   */
  void printDone(PrintWriter out, List<JsonNode> done) {
    for (JsonNode area : done) {
      for (ObjectNode hook : Applying.hooks(area)) {
        if (hook.has("url")) {
          String secret = hook.has("secret") ? " secret " + hook.path("secret").asText() : "";
          out.println(
              "%s: hook %s%s%s"
                  .formatted(
                      Printable.of(area.path("name").asText()),
                      Applying.hookOf(hook),
                      hook.path("url").asText(),
                      secret));
        }
      }
      area.path("notices").forEach(notice -> out.println(Printable.of(notice.asText())));
    }
    out.println(counts("%d created, %d changed, %d unchanged, %d deleted"));
  }

  /** Prints what would come of it. */
  void printUndone(PrintWriter out) {
    out.println(counts("%d to create, %d to change, %d unchanged, %d to delete"));
  }

  private String counts(String sentence) {
    return sentence.formatted(
        plan.all(Intent.Create.class).size(),
        plan.all(Intent.Change.class).size(),
        plan.all(Intent.Keep.class).size(),
        plan.all(Intent.Delete.class).size());
  }

  /** All of it as one document. */
  ObjectNode toJson(List<JsonNode> done, boolean dryRun) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("dryRun", dryRun);
    ArrayNode areas = json.putArray("areas");
    for (Intent intent : plan.intents()) {
      ObjectNode area = areas.addObject().put("name", intent.name());
      switch (intent) {
        case Intent.Create _ -> area.put("intent", "create");
        case Intent.Delete _ -> area.put("intent", "delete");
        case Intent.Keep _ -> area.put("intent", "unchanged");
        case Intent.Change change -> {
          ArrayNode differences = area.put("intent", "change").putArray("differences");
          change.differences().forEach(difference -> differences.add(json(difference)));
        }
      }
    }
    done.forEach(json.putArray("applied")::add);
    return json;
  }

  private static ObjectNode json(Difference difference) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("field", difference.field());
    if (!difference.before().isMissingNode()) {
      json.set("before", difference.before());
    }
    if (!difference.after().isMissingNode()) {
      json.set("after", difference.after());
    }
    return json;
  }
}
