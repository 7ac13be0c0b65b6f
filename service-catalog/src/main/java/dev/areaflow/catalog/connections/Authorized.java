package dev.areaflow.catalog.connections;

import dev.areaflow.catalog.http.OutboundRequest;

/** What comes of asking for a connection's credential on a request. */
public sealed interface Authorized {
  /**
   * The request carries it.
   *
   * @param lease which credential it is, for {@link Credentials#refused}
   */
  record Ready(OutboundRequest request, Lease lease) implements Authorized {}

  /**
   * Only the owner can help: the connection has to be connected again, and then all is well.
   *
   * @param message for the owner
   */
  record Reconnect(String message) implements Authorized {}

  /**
   * The owner has no such connection for the service any more; it will not come back.
   *
   * @param message for the owner
   */
  record Gone(String message) implements Authorized {}

  /**
   * The credential does not go to this address.
   *
   * @param message for the owner
   */
  record Foreign(String message) implements Authorized {}

  /**
   * It cannot be had at present; trying again helps.
   *
   * @param message for the owner and the operator
   */
  record Away(String message) implements Authorized {}

  /**
   * A credential in use.
   *
   * @param ownerId the connection's owner
   * @param connectionId the connection
   * @param version of the connection's credentials
   */
  record Lease(String ownerId, String connectionId, long version) {}
}
