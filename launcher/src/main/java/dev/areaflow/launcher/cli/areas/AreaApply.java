package dev.areaflow.launcher.cli.areas;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.Query;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.Confirmation;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import dev.areaflow.launcher.definitions.ApplyPlan;
import dev.areaflow.launcher.definitions.Intent;
import dev.areaflow.launcher.definitions.WrittenArea;
import java.io.IOException;
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

  @Option(
      names = "--force",
      description = {
        "Take those that are unchanged as changed, too: they are checked and written again,",
        "for example since a connection that they name was deleted and made again."
      })
  private boolean force;

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
      if (dryRun) {
        reportUndone(plan);
        return ExitCode.DONE;
      }
      List<JsonNode> done = new Applying(api, progress()).apply(plan);
      if (!showSecrets) {
        done.forEach(area -> Applying.hooks(area).forEach(hook -> hook.remove("secret")));
      }
      ApplyReport report = new ApplyReport(plan);
      if (isJson()) {
        printJson(report.toJson(done, false));
      } else {
        report.printDone(out(), done);
      }
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
      reportUndone(plan);
      return plan.isEmpty() ? ExitCode.DONE : ExitCode.DIFFERENT;
    }
  }

  @Override
  protected final int run() throws IOException, InterruptedException {
    List<WrittenArea> wanted = files.read();
    Api api = api();
    ApplyPlan plan = ApplyPlan.of(wanted, api.list(new Query("/api/v1/areas")), prune, force);
    new Applying(api, progress()).tryFirst(plan);
    if (!isJson()) {
      new ApplyReport(plan).printPlan(out(), palette());
    }
    return after(api, plan);
  }

  /** Tells what would come of it. */
  final void reportUndone(ApplyPlan plan) {
    ApplyReport report = new ApplyReport(plan);
    if (isJson()) {
      printJson(report.toJson(List.of(), true));
    } else {
      report.printUndone(out());
    }
  }

  /** What comes after the plan was shown. */
  abstract int after(Api api, ApplyPlan plan) throws IOException, InterruptedException;
}
