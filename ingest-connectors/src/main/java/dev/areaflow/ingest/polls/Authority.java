package dev.areaflow.ingest.polls;

import dev.areaflow.catalog.http.OutboundRequest;
import java.io.IOException;

/** Puts the credential of a connection on requests. Called from several threads. */
@FunctionalInterface
public interface Authority {
  /**
   * The request with its credential.
   *
   * @param ownerId the user who owns the hook, and has to own the connection
   * @param connectionId the connection
   * @throws IOException if the credential cannot be had at present; the poll is tried again
   */
  OutboundRequest authorise(String ownerId, String connectionId, OutboundRequest request)
      throws IOException;

  /** For actions that use no connection. */
  static Authority none() {
    return (ownerId, connectionId, request) -> {
      throw new IOException("connection " + connectionId + " cannot be used: there are none");
    };
  }
}
