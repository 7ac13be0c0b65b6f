package dev.areaflow.launcher.cli.terminal;

import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Option;

/** Asks before something is lost, unless it was said already. */
public final class Confirmation {
  private final Prompt prompt;

  @Option(names = "--yes", description = "Do not ask before something is deleted.")
  private boolean yes;

  /** One that asks there. */
  public Confirmation(Prompt prompt) {
    this.prompt = prompt;
  }

  /**
   * Goes on where the person agrees.
   *
   * @throws CommandFailure where not, or where nobody is there to be asked
   */
  public void ask(String question) {
    if (yes) {
      return;
    }
    if (!prompt.isTerminal()) {
      throw CommandFailure.usage(question + " Nobody is here to be asked; say so with --yes");
    }
    String answer = prompt.line(question + " [y/N] ").toLowerCase(Locale.ROOT);
    if (!Set.of("y", "yes").contains(answer)) {
      throw CommandFailure.of("nothing was done");
    }
  }
}
