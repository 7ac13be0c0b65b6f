package dev.areaflow.ingest.polls;

import dev.areaflow.catalog.connections.Authorized;
import dev.areaflow.catalog.connections.Credential;
import dev.areaflow.catalog.connections.Credentials;
import dev.areaflow.catalog.http.OutboundRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Connections by their ids: {@code away} and {@code gone} and {@code foreign} are what they say,
 * others have their id as a token.
 */
final class KeptCredentials implements Credentials {
  final List<String> refused = new CopyOnWriteArrayList<>();

  @Override
  public Authorized authorize(
      String ownerId, String connectionId, String service, OutboundRequest request) {
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
    return lease.connectionId().equals("replaced");
  }
}
