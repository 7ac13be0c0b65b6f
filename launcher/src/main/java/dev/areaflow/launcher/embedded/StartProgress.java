package dev.areaflow.launcher.embedded;

import java.time.Duration;

/** Is told how a start goes on; called from several threads. */
public interface StartProgress {

  /** A part begins to start. */
  void starting(String part);

  /** A part runs. */
  void started(String part, String detail, Duration took);
}
