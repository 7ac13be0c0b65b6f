package dev.areaflow.launcher.cli.terminal;

/** What commands end with; public, as {@code docs/cli.md} lists them. */
public final class ExitCode {
  /** It did what it should. */
  public static final int DONE = 0;

  /** It was refused, or something that it is about is not as it must be. */
  public static final int FAILED = 1;

  /** The command line is not as it must be. */
  public static final int USAGE = 2;

  /** There is a difference, of {@code areas diff}. */
  public static final int DIFFERENT = 3;

  /** Nobody is logged in, or the token does not allow it. */
  public static final int NOT_ALLOWED = 4;

  /** The server cannot be reached, or cannot do it now. */
  public static final int UNAVAILABLE = 5;

  private ExitCode() {}
}
