package dev.areaflow.api.login;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.token.DefaultOAuth2TokenCallback;

/**
 * An authorization server that signs real ID tokens, on a free port. It says yes at once. To be
 * closed.
 */
public final class MockIssuer implements AutoCloseable {
  /** What this platform is registered as there. */
  public static final String CLIENT = "areaflow";

  private static final String ISSUER = "corp";
  private static final long LIFETIME_SECONDS = 3_600;

  private final MockOAuth2Server server = new MockOAuth2Server();

  public MockIssuer() {
    server.start(InetAddress.getLoopbackAddress(), 0);
  }

  public String authority() {
    return "127.0.0.1:" + server.getConfig().getHttpServer().port();
  }

  /** As its ID tokens have it. */
  public String issuer() {
    return "http://" + authority() + "/" + ISSUER;
  }

  /** The next token is of this person, and good for this client. */
  public void next(String subject, String audience, Map<String, Object> claims) {
    server.enqueueCallback(
        new DefaultOAuth2TokenCallback(
            ISSUER, subject, "JWT", List.of(audience), claims, LIFETIME_SECONDS));
  }

  @Override
  public void close() {
    server.shutdown();
  }
}
