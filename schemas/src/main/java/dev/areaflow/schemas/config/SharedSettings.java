package dev.areaflow.schemas.config;

import java.net.URI;
import java.time.Duration;

/** Settings that modules who do not know each other must agree on. */
public final class SharedSettings {
  private SharedSettings() {}

  /** The executors end a call after it; the topology waits as long before it asks again. */
  public static final Setting<Duration> CALL_TIMEOUT =
      Setting.of(
          "executors.call-timeout",
          "PT15S",
          Parsers::duration,
          "The longest that one call to a third party takes, from name resolution to the last byte"
              + " of the answer; the same for topology and executors.");

  /** The api shows URLs of hooks; the ingress verifies signatures of them. */
  public static final Setting<URI> HOOKS_URL =
      Setting.of(
          "hooks.url",
          "http://127.0.0.1:8090",
          Parsers::httpAddress,
          "Address of the ingress as providers see it; hook URLs begin with it. The same for api"
              + " and ingest.");
}
