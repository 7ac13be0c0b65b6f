package dev.areaflow.launcher.cli.terminal;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/**
 * Tells people how far long work is: on a terminal in a line that changes, elsewhere in a line now
 * and then. For one thread.
 */
public final class Progress {
  private static final Duration ON_TERMINAL = Duration.ofMillis(100);
  private static final Duration ELSEWHERE = Duration.ofSeconds(10);

  private final PrintWriter err;
  private final boolean terminal;
  private long shownAt = System.nanoTime();
  private boolean isShown;

  /**
   * Nothing is shown yet.
   *
   * @param terminal whether {@code err} is one
   */
  public Progress(PrintWriter err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  /** Shows how much is done, unless that was shown just now. */
  public void show(long done, long of, String what) {
    show(String.format(Locale.ROOT, "%,d of %,d %s", done, of, what));
  }

  /** As {@link #show(long, long, String)}, where nobody knows how much there is. */
  public void show(long done, String what) {
    show(String.format(Locale.ROOT, "%,d %s", done, what));
  }

  private void show(String text) {
    long now = System.nanoTime();
    if (now - shownAt < (terminal ? ON_TERMINAL : ELSEWHERE).toNanos()) {
      return;
    }
    shownAt = now;
    if (terminal) {
      err.print("\r" + text + "\u001b[K");
      isShown = true;
    } else {
      err.println(text);
    }
    err.flush();
  }

  /** Makes room for other lines. */
  public void hide() {
    if (isShown) {
      err.print("\r\u001b[K");
      err.flush();
      isShown = false;
    }
  }
}
