package dev.areaflow.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.definitions.ApplyPlan;
import dev.areaflow.launcher.definitions.Difference;
import dev.areaflow.launcher.definitions.Intent;
import dev.areaflow.launcher.definitions.InvalidDefinitionsException;
import dev.areaflow.launcher.definitions.WrittenArea;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code area areas apply} and {@code diff}. All definitions are tried before the first is written,
 * so that one that is wrong keeps the others from being applied without it.
 */
@Command
abstract sealed class AreaApply extends ServerCommand {
  @Mixin private final FileOptions files;

  @Option(names = "--prune", description = "Delete AREAs of yours that no file has.")
  private boolean prune;

  private AreaApply(Surroundings surroundings) {
    super(surroundings);
    this.files = new FileOptions(surroundings);
  }

  /** Shows the difference, then makes it none. */
  @Command(
      name = "apply",
      description = {
        "Make your AREAs as files have them; the difference is shown first.",
        "AREAs are known by their names: another name is another AREA."
      })
  static final class Apply extends AreaApply {
    @Option(names = "--dry-run", description = "Show the difference, and change nothing.")
    private boolean dryRun;

    @Option(
        names = "--show-secrets",
        description = "Show the secrets of new hooks, which are never shown again.")
    private boolean showSecrets;

    @Mixin private final Confirmation confirmation;

    Apply(Surroundings surroundings) {
      super(surroundings);
      this.confirmation = new Confirmation(surroundings.prompt());
    }

    @Override
    int after(Api api, ApplyPlan plan) throws IOException, InterruptedException {
      List<Intent.Delete> deleted = plan.all(Intent.Delete.class);
      if (!dryRun && !deleted.isEmpty()) {
        confirmation.ask(deleted.size() + " AREAs are to be deleted. Go on?");
      }
      List<JsonNode> done = dryRun ? List.of() : new Applying(api).apply(plan);
      report(plan, done, dryRun, showSecrets);
      return ExitCode.DONE;
    }
  }

  /** Shows the difference alone. */
  @Command(
      name = "diff",
      description = {
        "Show what apply would change.",
        "The exit code is 3 where there is a difference, and 0 where there is none."
      })
  static final class Diff extends AreaApply {
    Diff(Surroundings surroundings) {
      super(surroundings);
    }

    @Override
    int after(Api api, ApplyPlan plan) {
      report(plan, List.of(), true, false);
      return plan.isEmpty() ? ExitCode.DONE : ExitCode.DIFFERENT;
    }
  }

  @Override
  final int run() throws IOException, InterruptedException {
    List<WrittenArea> wanted = files.read();
    Api api = api();
    ApplyPlan plan = ApplyPlan.of(wanted, api.list(new Query("/api/v1/areas")), prune);
    tryAll(api, plan);
    if (!isJson()) {
      plan.intents().forEach(this::print);
      out().flush();
    }
    return after(api, plan);
  }

  /** What comes after the plan was shown. */
  abstract int after(Api api, ApplyPlan plan) throws IOException, InterruptedException;

  private static void tryAll(Api api, ApplyPlan plan) throws IOException, InterruptedException {
    List<WrittenArea> written = new ArrayList<>();
    plan.all(Intent.Create.class).forEach(create -> written.add(create.wanted()));
    plan.all(Intent.Change.class).forEach(change -> written.add(change.wanted()));
    List<String> problems = new ArrayList<>();
    for (WrittenArea area : written) {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      body.set("definition", area.definition());
      try {
        JsonNode _ = api.post("/api/v1/areas/try", body);
      } catch (RefusedException e) {
        List<String> ofArea = FileOptions.problems(area, e);
        if (ofArea.isEmpty()) {
          throw e;
        }
        problems.addAll(ofArea);
      }
    }
    if (!problems.isEmpty()) {
      throw new InvalidDefinitionsException(problems);
    }
  }

  private void print(Intent intent) {
    switch (intent) {
      case Intent.Create _ -> line("create", "+", intent);
      case Intent.Delete _ -> line("delete", "-", intent);
      case Intent.Keep _ -> line("unchanged", "=", intent);
      case Intent.Change change -> {
        line("change", "~", intent);
        for (Difference difference : change.differences()) {
          out()
              .println(
                  "      "
                      + Printable.of(difference.field())
                      + ": "
                      + Printable.brief(difference.before())
                      + " → "
                      + Printable.brief(difference.after()));
        }
      }
    }
  }

  private void line(String kind, String sign, Intent intent) {
    out()
        .println(
            palette().state(kind, "%s %-9s %s".formatted(sign, kind, Printable.of(intent.name()))));
  }

  /**
   * Tells how it ended.
   *
   * @param done what was made or changed, as the API answered it
   */
  final void report(ApplyPlan plan, List<JsonNode> done, boolean dryRun, boolean secrets) {
    if (!secrets) {
      done.forEach(area -> Applying.hooks(area).forEach(hook -> hook.remove("secret")));
    }
    if (isJson()) {
      printJson(json(plan, done, dryRun));
      return;
    }
    for (JsonNode area : done) {
      for (ObjectNode hook : Applying.hooks(area)) {
        if (hook.has("url")) {
          out()
              .println(
                  Printable.of(area.path("name").asText())
                      + ": hook "
                      + hook.path("url").asText()
                      + (hook.has("secret") ? " secret " + hook.path("secret").asText() : ""));
        }
      }
      area.path("notices").forEach(notice -> out().println(Printable.of(notice.asText())));
    }
    out()
        .printf(
            dryRun
                ? "%d to create, %d to change, %d unchanged, %d to delete%n"
                : "%d created, %d changed, %d unchanged, %d deleted%n",
            plan.all(Intent.Create.class).size(),
            plan.all(Intent.Change.class).size(),
            plan.all(Intent.Keep.class).size(),
            plan.all(Intent.Delete.class).size());
  }

  private static ObjectNode json(ApplyPlan plan, List<JsonNode> done, boolean dryRun) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("dryRun", dryRun);
    ArrayNode intents = json.putArray("areas");
    for (Intent intent : plan.intents()) {
      ObjectNode one = intents.addObject().put("name", intent.name());
      switch (intent) {
        case Intent.Create _ -> one.put("intent", "create");
        case Intent.Delete _ -> one.put("intent", "delete");
        case Intent.Keep _ -> one.put("intent", "unchanged");
        case Intent.Change change -> {
          ArrayNode differences = one.put("intent", "change").putArray("differences");
          for (Difference difference : change.differences()) {
            ObjectNode field = differences.addObject().put("field", difference.field());
            if (!difference.before().isMissingNode()) {
              field.set("before", difference.before());
            }
            if (!difference.after().isMissingNode()) {
              field.set("after", difference.after());
            }
          }
        }
      }
    }
    ArrayNode applied = json.putArray("applied");
    done.forEach(applied::add);
    return json;
  }
}
