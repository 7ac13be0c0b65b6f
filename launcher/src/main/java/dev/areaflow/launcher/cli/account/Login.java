package dev.areaflow.launcher.cli.account;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.CredentialsFile;
import dev.areaflow.launcher.cli.server.ServerOptions;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import dev.areaflow.launcher.client.AreaClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code area login}: makes an API token and keeps it. The session that it takes to do so ends with
 * the command; the password is kept nowhere.
 */
@Command(
    name = "login",
    description = {
      "Log in at a server: an API token is made, and kept where only you may read it.",
      "Who has no password makes a token elsewhere and enters it with --token-stdin."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class Login implements Callable<Integer> {
  private static final int MOST_CHARACTERS = 4_096;
  private static final Set<String> ON_THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final List<String> SCOPES =
      List.of(
          "areas:read",
          "areas:write",
          "connections:read",
          "connections:write",
          "runs:read",
          "runs:write",
          "events:read");

  private final Surroundings surroundings;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ServerOptions server;

  @Option(names = "--email", paramLabel = "ADDRESS", description = "Of the account; asked for.")
  private @Nullable String email;

  @Option(
      names = "--password-stdin",
      description = "Read the password from standard input instead of asking.")
  private boolean passwordStdin;

  @Option(names = "--sign-up", description = "Make the account first.")
  private boolean signUp;

  @Option(
      names = "--set-up-token",
      paramLabel = "TOKEN",
      description = "What the server printed for its first user, where it asks for that.")
  private @Nullable String setUpToken;

  @Option(
      names = "--token-stdin",
      description = "Keep a token that is on standard input instead of making one.")
  private boolean tokenStdin;

  @Option(
      names = "--scopes",
      paramLabel = "SCOPE",
      split = ",",
      description =
          "What the token allows, with commas; all but account, and admin for admins, where it is"
              + " left out.")
  private List<String> scopes = List.of();

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "90",
      description = "How long the token is valid, default ${DEFAULT-VALUE}.")
  private int days;

  Login(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.server = new ServerOptions(surroundings);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    URI address = server.address();
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    if ("http".equals(address.getScheme()) && !ON_THIS_MACHINE.contains(address.getHost())) {
      err.println("area login: " + address + " is not encrypted: who listens reads the password");
    }
    CredentialsFile.Login login = tokenStdin ? given(address) : made(address);
    server.credentials().put(address, login);
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "logged in at "
            + address
            + " as "
            + Printable.of(login.user())
            + (login.expiresAt().isEmpty() ? "" : " until " + login.expiresAt()));
    out.flush();
    return ExitCode.DONE;
  }

  private CredentialsFile.Login given(URI address) throws IOException, InterruptedException {
    String token = standardInput();
    JsonNode me = new Api(new AreaClient(address).as(token)).get("/api/v1/users/me");
    return new CredentialsFile.Login(token, me.path("email").asText(), "");
  }

  private CredentialsFile.Login made(URI address) throws IOException, InterruptedException {
    if (days < 1) {
      throw CommandFailure.usage("--days: expected a whole number from 1, found " + days);
    }
    String who = email == null ? asked("E-mail address: ", false, "--email") : email;
    String password =
        passwordStdin ? standardInput() : asked("Password: ", true, "--password-stdin");
    ObjectNode credentials =
        JsonNodeFactory.instance.objectNode().put("email", who).put("password", password);
    AreaClient anyone = new AreaClient(address);
    if (signUp) {
      ObjectNode account = credentials.deepCopy();
      if (setUpToken != null) {
        account.put("setUpToken", setUpToken);
      }
      JsonNode _ = new Api(anyone).post("/api/v1/users", account);
    }
    Api session =
        new Api(
            anyone.as(
                new Api(anyone).post("/api/v1/sessions", credentials).path("token").asText()));
    try {
      JsonNode me = session.get("/api/v1/users/me");
      JsonNode token = session.post("/api/v1/tokens", wanted(me));
      return new CredentialsFile.Login(
          token.path("token").asText(), who, token.path("expiresAt").asText());
    } finally {
      JsonNode _ = session.delete("/api/v1/sessions/current");
    }
  }

  private ObjectNode wanted(JsonNode me) {
    ObjectNode token =
        JsonNodeFactory.instance
            .objectNode()
            .put(
                "name",
                "area login " + surroundings.clock().instant().truncatedTo(ChronoUnit.SECONDS))
            .put(
                "expiresAt", surroundings.clock().instant().plus(Duration.ofDays(days)).toString());
    ArrayNode allowed = token.putArray("scopes");
    (scopes.isEmpty() ? SCOPES : scopes).forEach(allowed::add);
    if (scopes.isEmpty() && me.path("role").asText().equals("admin")) {
      allowed.add("admin");
    }
    return token;
  }

  private String asked(String question, boolean secret, String otherwise) {
    if (!surroundings.prompt().isTerminal()) {
      throw CommandFailure.usage("nobody is here to be asked; use " + otherwise);
    }
    return secret ? surroundings.prompt().secret(question) : surroundings.prompt().line(question);
  }

  private String standardInput() throws IOException {
    return new String(surroundings.in().readNBytes(MOST_CHARACTERS), StandardCharsets.UTF_8)
        .strip();
  }
}
