package dev.areaflow.schemas.topics;

/**
 * The registry refuses the schema that this program writes a topic's records with, because it and
 * those of other versions cannot read each other's records. Waiting does not help.
 */
public final class RefusedSchemaException extends RuntimeException {
  RefusedSchemaException(String artifact, String reason, Throwable cause) {
    super(
        "the schema registry refuses this version's schema of the artifact "
            + artifact
            + " ("
            + reason
            + "): its rule is "
            + CompatibilityRule.LEVEL
            + "; run a version whose schema fits those that are registered",
        cause);
  }
}
