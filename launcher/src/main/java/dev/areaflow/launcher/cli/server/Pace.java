package dev.areaflow.launcher.cli.server;

import dev.areaflow.launcher.cli.terminal.ExitCode;
import java.time.Duration;
import java.util.OptionalInt;
import picocli.CommandLine;

/**
 * How often a command asks a server for what is new: each second, less often where answers take
 * long, so that it keeps the server busy for a fifth of the time at most. A server that is away is
 * waited for. For one thread.
 */
public final class Pace {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final int PAUSES_PER_ANSWER = 4;

  private final CommandLine command;
  private Duration pause = INTERVAL;
  private boolean isAway;
  private long asked = System.nanoTime();

  /**
   * @param command tells its person when the server is away
   */
  public Pace(CommandLine command) {
    this.command = command;
  }

  /** Waits until the server is to be asked again. */
  public void pause() throws InterruptedException {
    Thread.sleep(pause);
    asked = System.nanoTime();
  }

  /** All was answered that was asked for since the pause. */
  public void answered() {
    isAway = false;
    pause = after(Duration.ofNanos(System.nanoTime() - asked));
  }

  /** The pause after answers that took so long. */
  static Duration after(Duration answers) {
    Duration wanted = answers.multipliedBy(PAUSES_PER_ANSWER);
    return wanted.compareTo(INTERVAL) < 0 ? INTERVAL : shorter(wanted, LONGEST_PAUSE);
  }

  /**
   * It was not answered.
   *
   * @throws RefusedException the failure, where waiting does not help
   */
  public void failed(Exception e) {
    if (e instanceof RefusedException refused && refused.exitCode() != ExitCode.UNAVAILABLE) {
      throw refused;
    }
    if (!isAway) {
      OptionalInt _ = Failures.tell(e, command);
    }
    pause = isAway ? shorter(pause.multipliedBy(2), LONGEST_PAUSE) : INTERVAL;
    isAway = true;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
