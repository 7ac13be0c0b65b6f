package dev.areaflow.launcher.endtoend;

import dev.areaflow.launcher.Installation;
import dev.areaflow.launcher.Platform;
import dev.areaflow.launcher.SettingSources;
import dev.areaflow.launcher.embedded.StartProgress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Platforms in this JVM, for tests that stop one of their parts. */
final class Platforms {
  static final StartProgress SILENT = new Silent();

  private Platforms() {}

  /** One that is not started yet, on free ports, whose reactions may reach a sink. */
  static Platform on(Path folder, RecordingSink sink) {
    return on(folder, sink.authority());
  }

  /** Likewise, with all that requests may reach, {@code host:port} each, comma-separated. */
  static Platform on(Path folder, String egress) {
    return new Platform(
        SettingSources.of(
            Map.of(
                "data",
                folder.resolve("data").toString(),
                "api.port",
                "0",
                "hooks.port",
                "0",
                "egress.allow",
                egress)),
        Installation.registry());
  }

  private record Silent() implements StartProgress {
    @Override
    public void starting(String part) {}

    @Override
    public void started(String part, String detail, Duration took) {}
  }
}
