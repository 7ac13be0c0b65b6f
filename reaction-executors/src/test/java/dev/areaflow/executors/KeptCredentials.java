package dev.areaflow.executors;

import dev.areaflow.catalog.connections.Authorized;
import dev.areaflow.catalog.connections.Credential;
import dev.areaflow.catalog.connections.Credentials;
import dev.areaflow.catalog.http.OutboundRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Connections by their ids: {@code away} and {@code gone} and {@code foreign} are what they say,
 * others have their id as a token, and have to be connected again once it was refused, but for
 * {@code replaced}.
 */
final class KeptCredentials implements Credentials {
  private static final String REPLACED = "replaced";

  final List<String> refused = new CopyOnWriteArrayList<>();

  @Override
  public Authorized authorize(
      String ownerId, String connectionId, String service, OutboundRequest request) {
    if (refused.contains(connectionId) && !connectionId.equals(REPLACED)) {
      return new Authorized.Reconnect("its connection \"work\" has to be connected again");
    }
    return switch (connectionId) {
      case "away" -> new Authorized.Away("the database is away");
      case "gone" -> new Authorized.Gone("its connection is gone");
      case "foreign" -> new Authorized.Foreign("the connection is for another address");
      default ->
          new Authorized.Ready(
              Credential.bearer(connectionId).on(request),
              new Authorized.Lease(ownerId, connectionId, 1));
    };
  }

  @Override
  public boolean refused(Authorized.Lease lease, String message) {
    refused.add(lease.connectionId());
    return lease.connectionId().equals(REPLACED);
  }
}
