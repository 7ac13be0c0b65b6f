package dev.areaflow.launcher.cli;

import dev.areaflow.launcher.cli.terminal.ExitCode;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code area completion}: what a shell completes with. */
@Command(
    name = "completion",
    description = {
      "Print a script that completes this program's commands and options, for bash and zsh:",
      "  source <(area completion)"
    },
    mixinStandardHelpOptions = true)
final class Completion implements Callable<Integer> {
  private final Supplier<CommandLine> program;

  @Spec private @Nullable CommandSpec spec;

  /**
   * @param program with all its commands
   */
  Completion(Supplier<CommandLine> program) {
    this.program = program;
  }

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    out.print(AutoComplete.bash("area", program.get()));
    out.flush();
    return ExitCode.DONE;
  }
}
