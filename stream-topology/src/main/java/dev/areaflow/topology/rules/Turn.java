package dev.areaflow.topology.rules;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a rule does with an event, or when time passes.
 *
 * @param memory what is remembered from now on; null where nothing is
 * @param fate what becomes of the event; empty where only time passed
 * @param firing what the AREA does now, if anything
 */
public record Turn(@Nullable Memory memory, Optional<Fate> fate, Optional<Firing> firing) {

  /** What becomes of an event that comes to a rule. */
  public enum Fate {
    /** It makes the AREA fire now. */
    FIRES,
    /** It counts, and may make the AREA fire later. */
    KEPT,
    /** It does not count: another came before it. */
    DROPPED
  }

  static Turn fires(@Nullable Memory memory, Firing firing) {
    return new Turn(memory, Optional.of(Fate.FIRES), Optional.of(firing));
  }

  static Turn keeps(@Nullable Memory memory) {
    return new Turn(memory, Optional.of(Fate.KEPT), Optional.empty());
  }

  static Turn drops(@Nullable Memory memory) {
    return new Turn(memory, Optional.of(Fate.DROPPED), Optional.empty());
  }

  /** What is remembered before any event came. */
  public static Turn begun(Memory memory) {
    return passes(memory);
  }

  static Turn passes(@Nullable Memory memory) {
    return new Turn(memory, Optional.empty(), Optional.empty());
  }

  static Turn passes(@Nullable Memory memory, Firing firing) {
    return new Turn(memory, Optional.empty(), Optional.of(firing));
  }
}
