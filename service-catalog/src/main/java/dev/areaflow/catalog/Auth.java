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
   * @param secretIn where the client's secret stands in requests for tokens
   * @param scopes what consents are about
   * @param parameters what the address of the consent page carries besides
   * @param ownToken whether a person may enter a token made at the service instead
   */
  record OAuth2(
      URI authorizeUrl,
      URI tokenUrl,
      SecretIn secretIn,
      ConsentScopes scopes,
      Map<String, String> parameters,
      boolean ownToken)
      implements Auth {
    public OAuth2 {
      parameters = Map.copyOf(parameters);
    }
  }

  /** Where a client's secret stands in a request for a token (RFC 6749, section 2.3.1). */
  enum SecretIn {
    BODY,
    /** As the password of {@code Basic}, the id being the user's name. */
    HEADER
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
   * @param secretIn where the secret stands in requests for tokens
   * @param scopes what every token is asked for with
   */
  record ClientCredentials(URI tokenUrl, SecretIn secretIn, List<String> scopes) implements Auth {
    public ClientCredentials {
      scopes = List.copyOf(scopes);
    }
  }
}
