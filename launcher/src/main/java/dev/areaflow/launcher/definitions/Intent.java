package dev.areaflow.launcher.definitions;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** What is to be done with one AREA so that the server has it as the files do. */
public sealed interface Intent {
  /** The AREA's name. */
  String name();

  /** The server has none of this name. */
  record Create(WrittenArea wanted) implements Intent {
    @Override
    public String name() {
      return wanted.name();
    }
  }

  /**
   * The server's differs, or is to be written again.
   *
   * @param area as the API answered it
   * @param differences none where it is only written again
   */
  record Change(WrittenArea wanted, JsonNode area, List<Difference> differences) implements Intent {
    public Change {
      differences = List.copyOf(differences);
    }

    @Override
    public String name() {
      return wanted.name();
    }
  }

  /** The server has it so. */
  record Keep(String name) implements Intent {}

  /**
   * No file has it.
   *
   * @param area as the API answered it
   */
  record Delete(JsonNode area) implements Intent {
    @Override
    public String name() {
      return area.path("name").asText();
    }
  }
}
