package dev.areaflow.expressions.clock;

/** What fires for instants that passed while nothing ran. */
public enum CatchUp {
  /** The newest one. */
  LAST,
  /** None. */
  NONE
}
