package dev.areaflow.launcher.cli.account;

import dev.areaflow.launcher.cli.terminal.Surroundings;
import picocli.CommandLine;

/** {@code area login} and {@code area logout}. */
public final class AccountCommands {
  private AccountCommands() {}

  /** Keeps a token for a server. */
  public static CommandLine login(Surroundings surroundings) {
    return new CommandLine(new Login(surroundings));
  }

  /** Forgets it. */
  public static CommandLine logout(Surroundings surroundings) {
    return new CommandLine(new Logout(surroundings));
  }
}
