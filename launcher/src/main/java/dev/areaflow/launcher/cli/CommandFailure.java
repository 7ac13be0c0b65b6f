package dev.areaflow.launcher.cli;

/** A command cannot go on; the message says what was expected, what was found, and what to do. */
final class CommandFailure extends RuntimeException {
  private final int exitCode;

  private CommandFailure(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** Something that the command is about is not as it must be. */
  static CommandFailure of(String message) {
    return new CommandFailure(ExitCode.FAILED, message);
  }

  /** The command line is not as it must be. */
  static CommandFailure usage(String message) {
    return new CommandFailure(ExitCode.USAGE, message);
  }

  /** Nobody is logged in. */
  static CommandFailure notLoggedIn(String message) {
    return new CommandFailure(ExitCode.NOT_ALLOWED, message);
  }

  /** The server cannot do it now. */
  static CommandFailure unavailable(String message) {
    return new CommandFailure(ExitCode.UNAVAILABLE, message);
  }

  int exitCode() {
    return exitCode;
  }
}
