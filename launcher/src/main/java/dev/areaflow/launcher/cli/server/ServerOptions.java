package dev.areaflow.launcher.cli.server;

import dev.areaflow.launcher.cli.terminal.CommandFailure;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import dev.areaflow.launcher.client.AreaClient;
import java.io.IOException;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which server a command speaks with, and as whom. */
public final class ServerOptions {
  private static final String LOCAL = "http://127.0.0.1:8080";
  private static final String TOKEN = "AREA_TOKEN";

  private final Surroundings surroundings;

  @Option(
      names = "--server",
      paramLabel = "URL",
      description =
          "Address of the API. AREA_SERVER, else the server of the last login, else " + LOCAL + ".")
  private @Nullable String given;

  /** Those of a command line. */
  public ServerOptions(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /** As if this address was given. */
  ServerOptions(Surroundings surroundings, String given) {
    this.surroundings = surroundings;
    this.given = given;
  }

  /** The server's address: scheme, host and port. */
  public URI address() throws IOException {
    Optional<String> named =
        Optional.ofNullable(given).or(() -> surroundings.variable("AREA_SERVER"));
    return named.isPresent()
        ? address(named.get())
        : credentials().lastServer().orElseGet(() -> URI.create(LOCAL));
  }

  private static URI address(String text) {
    try {
      URI address = URI.create(text.replaceFirst("/+$", ""));
      if (Set.of("http", "https").contains(String.valueOf(address.getScheme()))
          && address.getHost() != null
          && address.getUserInfo() == null
          && address.getQuery() == null
          && address.getFragment() == null
          && String.valueOf(address.getPath()).isEmpty()) {
        return URI.create(address.toString().toLowerCase(Locale.ROOT));
      }
    } catch (IllegalArgumentException e) {
      // told below, as what is another kind of address is
    }
    throw CommandFailure.usage(
        "--server: expected the address of the API without a path, such as "
            + LOCAL
            + ", found "
            + text);
  }

  /** The logins of this person. */
  public CredentialsFile credentials() {
    return new CredentialsFile(surroundings.configuration());
  }

  /** The API for who is logged in, or has a token in {@code AREA_TOKEN}. */
  Api api() throws IOException {
    URI server = address();
    Optional<String> token = surroundings.variable(TOKEN);
    if (token.isEmpty()) {
      token = credentials().at(server).map(CredentialsFile.Login::token);
    }
    return new Api(
        new AreaClient(server)
            .as(
                token.orElseThrow(
                    () ->
                        CommandFailure.notLoggedIn(
                            "nobody is logged in at "
                                + server
                                + "; do it with: area login --server "
                                + server
                                + ", or set "
                                + TOKEN))));
  }

  /** The API without a login. */
  public Api openApi() throws IOException {
    return new Api(new AreaClient(address()));
  }
}
