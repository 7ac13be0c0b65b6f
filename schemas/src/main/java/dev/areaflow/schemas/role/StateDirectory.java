package dev.areaflow.schemas.role;

import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import java.nio.file.Path;

/** Where roles keep state on disk; each Streams application has a folder of its own in it. */
public final class StateDirectory {
  /** The setting, for every role that keeps state. */
  public static final Setting<Path> SETTING =
      Setting.of(
          "state.dir", "data/state", Parsers::path, "Folder where Kafka Streams keeps its stores.");

  private StateDirectory() {}
}
