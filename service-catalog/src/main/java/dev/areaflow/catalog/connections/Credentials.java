package dev.areaflow.catalog.connections;

import dev.areaflow.catalog.http.OutboundRequest;

/** Puts the credentials of connections on requests. Safe for several threads. */
public interface Credentials {
  /**
   * The request with the connection's credential on it.
   *
   * @param ownerId who owns the AREA, and has to own the connection
   * @param connectionId the connection
   * @param service what is called; the connection has to be one of it
   */
  Authorized authorize(
      String ownerId, String connectionId, String service, OutboundRequest request);

  /**
   * Says that the service refused a credential.
   *
   * @return whether it is worth another try, because the credential was replaced meanwhile; else
   *     the connection now asks its owner to connect again
   */
  boolean refused(Authorized.Lease lease, String message);
}
