package dev.areaflow.launcher.endtoend;

import dev.areaflow.launcher.Installation;
import dev.areaflow.launcher.Platform;
import dev.areaflow.launcher.SettingSources;
import dev.areaflow.launcher.embedded.StartProgress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Platforms in this JVM, for tests that stop one of their parts. */
final class Platforms {
  /** A start takes half a minute; much longer on a machine that has other work. */
  static final Duration START_PATIENCE = Duration.ofMinutes(4);

  private static final StartProgress SILENT = new Silent();

  private Platforms() {}

  /** One that is not started yet, on free ports, whose reactions may reach a sink. */
  static Platform on(Path folder, RecordingSink sink) {
    return on(folder, Map.of("egress.allow", sink.authority()));
  }

  /** Likewise, with settings more. */
  static Platform on(Path folder, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("data", folder.resolve("data").toString());
    all.put("api.port", "0");
    all.put("hooks.port", "0");
    return new Platform(SettingSources.of(all), Installation.home());
  }

  /** Returns when all of it is ready. */
  static void start(Platform platform) throws InterruptedException {
    platform.start(SILENT, START_PATIENCE);
  }

  private record Silent() implements StartProgress {
    @Override
    public void starting(String part) {}

    @Override
    public void started(String part, String detail, Duration took) {}
  }
}
