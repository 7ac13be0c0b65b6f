package dev.areaflow.launcher;

import dev.areaflow.launcher.embedded.StartProgress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** A start's progress as plain lines, which read the same in a terminal and in a file. */
record ProgressLines(PrintWriter out) implements StartProgress {
  @Override
  public synchronized void starting(String part) {
    line("%-16s starting", part);
  }

  @Override
  public synchronized void started(String part, String detail, Duration took) {
    line("%-16s %.1f s  %s", part, took.toMillis() / 1000.0, detail);
  }

  private void line(String format, Object... values) {
    out.printf(Locale.ROOT, "  " + format + "%n", values);
    out.flush();
  }
}
