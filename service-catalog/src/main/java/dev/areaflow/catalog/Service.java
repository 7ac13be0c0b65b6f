package dev.areaflow.catalog;

import java.util.List;
import java.util.Optional;

/**
 * A third-party service, as its manifest declares it.
 *
 * @param id unique in the catalogue, for example {@code github}
 * @param name as people write it
 * @param version semantic version of the manifest
 * @param description one sentence
 * @param guide what its users and operators must know, in Markdown; empty where there is none
 * @param actions what can happen there, in the manifest's order
 * @param reactions what can be done there, in the manifest's order
 */
public record Service(
    String id,
    String name,
    String version,
    String description,
    String guide,
    List<Action> actions,
    List<Reaction> reactions) {
  public Service {
    actions = List.copyOf(actions);
    reactions = List.copyOf(reactions);
  }

  /** Its action of this id, empty if it has none. */
  public Optional<Action> action(String action) {
    return actions.stream().filter(candidate -> candidate.id().equals(action)).findFirst();
  }

  /** Its reaction of this id, empty if it has none. */
  public Optional<Reaction> reaction(String reaction) {
    return reactions.stream().filter(candidate -> candidate.id().equals(reaction)).findFirst();
  }
}
