package dev.areaflow.schemas.config;

import java.time.Duration;

/** Settings that modules who do not know each other must agree on. */
public final class SharedSettings {
  private SharedSettings() {}

  /** The executors end a call after it; the topology waits as long before it asks again. */
  public static final Setting<Duration> CALL_TIMEOUT =
      Setting.of(
          "executors.call-timeout",
          "PT30S",
          Parsers::duration,
          "The longest that one call to a third party takes, from name resolution to the last byte"
              + " of the answer; the same for topology and executors.");
}
