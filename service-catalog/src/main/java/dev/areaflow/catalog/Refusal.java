package dev.areaflow.catalog;

/** Why a delivery is refused, in the order of the checks. */
public enum Refusal {
  /** Signature missing or wrong. */
  SIGNATURE(401),
  /** Content encoding or type not understood. */
  MEDIA_TYPE(415),
  /** Body, or a header that it needs, malformed. */
  JSON(400);

  private final int status;

  Refusal(int status) {
    this.status = status;
  }

  /** The HTTP status that says so. */
  public int status() {
    return status;
  }
}
