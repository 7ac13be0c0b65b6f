package dev.areaflow.launcher.cli.terminal;

/** A command cannot go on; the message says what was expected, what was found, and what to do. */
public final class CommandFailure extends RuntimeException {
  private final int exitCode;

  private CommandFailure(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** Something that the command is about is not as it must be. */
  public static CommandFailure of(String message) {
    return new CommandFailure(ExitCode.FAILED, message);
  }

  /** The command line is not as it must be. */
  public static CommandFailure usage(String message) {
    return new CommandFailure(ExitCode.USAGE, message);
  }

  /** Nobody is logged in. */
  public static CommandFailure notLoggedIn(String message) {
    return new CommandFailure(ExitCode.NOT_ALLOWED, message);
  }

  /** The server cannot do it now. */
  public static CommandFailure unavailable(String message) {
    return new CommandFailure(ExitCode.UNAVAILABLE, message);
  }

  /** One of {@link ExitCode}. */
  public int exitCode() {
    return exitCode;
  }
}
