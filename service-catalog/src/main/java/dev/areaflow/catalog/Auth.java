package dev.areaflow.catalog;

import java.net.URI;
import java.util.List;
import java.util.Map;

/** How a service's requests are authenticated; what a person connects an account with. */
public sealed interface Auth {
  /** Whether requests need credentials, so that an AREA has to name a connection. */
  default boolean isNeeded() {
    return !(this instanceof None || this instanceof AsGiven);
  }

  /** Requests carry no credentials. */
  record None() implements Auth {}

  /**
   * A key in a header or in the query.
   *
   * @param in where it stands
   * @param name of the header, in lower case, or of the query's parameter
   */
  record ApiKey(Place in, String name) implements Auth {}

  /** Where an API key stands. */
  enum Place {
    HEADER,
    QUERY
  }

  /** A user's name and password (RFC 7617). */
  record Basic() implements Auth {}

  /** A token in the header {@code authorization} (RFC 6750), for example a personal one. */
  record Bearer() implements Auth {}

  /**
   * A person's consent, by the authorization code flow (RFC 6749, 4.1).
   *
   * @param authorizeUrl where the person consents
   * @param tokenUrl where a code or a refresh token is exchanged
   * @param scopes what every connection asks for
   * @param parameters what the address of the consent page carries besides
   * @param ownToken whether a person may enter a token made at the service instead
   */
  record OAuth2(
      URI authorizeUrl,
      URI tokenUrl,
      List<String> scopes,
      Map<String, String> parameters,
      boolean ownToken)
      implements Auth {
    public OAuth2 {
      scopes = List.copyOf(scopes);
      parameters = Map.copyOf(parameters);
    }
  }

  /**
   * As the person says, for an address that the person says too: the service is any server. A
   * connection is not needed.
   */
  record AsGiven() implements Auth {}

  /**
   * A client's own credentials (RFC 6749, 4.4).
   *
   * @param tokenUrl where they are exchanged for a token
   * @param scopes what every connection asks for
   */
  record ClientCredentials(URI tokenUrl, List<String> scopes) implements Auth {
    public ClientCredentials {
      scopes = List.copyOf(scopes);
    }
  }
}
