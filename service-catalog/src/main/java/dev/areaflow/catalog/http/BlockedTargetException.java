package dev.areaflow.catalog.http;

import java.io.IOException;

/** A request was not sent, because its target is an address that nobody outside should reach. */
public final class BlockedTargetException extends IOException {
  BlockedTargetException(String target, String reason) {
    super(
        "blocked target "
            + target
            + ": "
            + reason
            + "; an operator can open it with AREA_EGRESS_ALLOW (hosts, networks, host:port)");
  }
}
