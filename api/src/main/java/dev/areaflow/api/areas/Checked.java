package dev.areaflow.api.areas;

import dev.areaflow.api.areas.Definition.ActionUse;
import dev.areaflow.catalog.Action;
import dev.areaflow.schemas.rows.Plan;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A definition in which nothing is wrong.
 *
 * @param definition as it was written
 * @param listening what its actions are, in their order
 * @param plan what the topology executes for it
 */
record Checked(Definition definition, List<Listening> listening, Plan plan) {
  Checked {
    listening = List.copyOf(listening);
  }

  /**
   * An action of the definition.
   *
   * @param use as it was written
   * @param pointer where it stands in the document
   * @param action what it names
   * @param connection what it is listened with; empty where it needs none
   */
  record Listening(ActionUse use, String pointer, Action action, Optional<UUID> connection) {}
}
