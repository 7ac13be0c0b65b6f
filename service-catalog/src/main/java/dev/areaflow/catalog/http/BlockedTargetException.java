package dev.areaflow.catalog.http;

import java.io.IOException;

/** A request was not sent, because its target is an address that nobody outside should reach. */
public final class BlockedTargetException extends IOException {
  BlockedTargetException(String target, String reason) {
    this(
        "blocked target "
            + target
            + ": "
            + reason
            + "; an operator can open it with AREA_EGRESS_ALLOW (hosts, networks, host:port)");
  }

  private BlockedTargetException(String message) {
    super(message);
  }

  /** The refusal of a target that no setting opens. */
  static BlockedTargetException denied(String target, String what) {
    return new BlockedTargetException(
        "blocked target " + target + ": it is " + what + ", which no reaction may reach");
  }
}
