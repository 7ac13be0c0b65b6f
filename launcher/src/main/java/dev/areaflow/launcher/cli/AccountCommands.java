package dev.areaflow.launcher.cli;

import picocli.CommandLine;

/** {@code area login} and {@code area logout}. */
final class AccountCommands {
  private AccountCommands() {}

  /** Keeps a token for a server. */
  static CommandLine login(Surroundings surroundings) {
    return new CommandLine(new Login(surroundings));
  }

  /** Forgets it. */
  static CommandLine logout(Surroundings surroundings) {
    return new CommandLine(new Logout(surroundings));
  }
}
