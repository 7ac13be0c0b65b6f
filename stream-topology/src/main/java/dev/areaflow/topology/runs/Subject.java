package dev.areaflow.topology.runs;

/**
 * The AREA that a decision is about, in the version that decided.
 *
 * @param home where its state lives
 * @param areaId the AREA
 * @param version its version
 * @param ownerId its owner
 */
public record Subject(String home, String areaId, long version, String ownerId) {

  /** The same of an AREA that is its own home. */
  public Subject atItsOwn() {
    return new Subject(areaId, areaId, version, ownerId);
  }
}
