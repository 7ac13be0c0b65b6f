package dev.areaflow.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.areas.AreaApi;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.client.AreaClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line against the real API with a real database. */
final class CliTest {
  private static final String PASSWORD = "correct horse battery";
  private static final String TRIAGE =
      """
      # What to do about bugs
      name: Bug triage
      action:
        service: github
        action: issue_opened
        inputs: {repository: octo/hello}
      when: event.issue.labels.exists(l, l.name == 'bug')
      reactions:
        - service: http
          reaction: request
          connection: chat
          inputs:
            method: POST
            url: https://chat.example.org/in
            body:
              text: "New bug: ${event.issue.title}"
              number: ${event.issue.number}
        - choose:
            - when: event.issue.number > 100
              reactions:
                - {service: http, reaction: request, inputs: {method: POST, url: "https://example.org/a"}}
            - reactions: []
      """;
  private static final String CLOCK =
      """
      name: Every hour
      enabled: false
      action: {service: timer, action: interval, inputs: {every: PT1H}}
      rule: {count: {n: 3, within: PT6H}}
      reactions:
        - id: tell
          service: http
          reaction: request
          delay: PT5M
          retry: {attempts: 3, backoff: PT10S}
          inputs: {method: POST, url: "https://example.org/hour", body: "${size(events)}"}
      """;

  private static AreaApi server;

  @TempDir private Path home;
  private Path files;
  private String email;
  private AreaClient user;
  private CliProcess area;

  @BeforeAll
  static void start() {
    server = new AreaApi();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void logIn() throws Exception {
    email = UUID.randomUUID() + "@example.org";
    user = new AreaClient(server.api().uri()).signUp(email, PASSWORD);
    connectChat();
    files = Files.createDirectory(home.resolve("areas"));
    area =
        new CliProcess(home)
            .clock(server.api().clock())
            .with("AREA_SERVER", server.api().uri().toString())
            .with("XDG_CONFIG_HOME", home.resolve("config").toString());
    assertThat(area.input(PASSWORD).run("login", "--email", email, "--password-stdin"))
        .as(area.err())
        .isZero();
  }

  // logging in

  @Test
  void theTokenIsInAFileOfItsOwnerAndTheSessionIsOver() throws IOException {
    // given
    Path file = home.resolve("config/areaflow/credentials.json");

    // when, then
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file)).contains("area_").doesNotContain(PASSWORD, "session_");
    assertThat(area.run("areas", "list", "--server", server.api().uri().toString())).isZero();
  }

  @Test
  void whoIsAtATerminalIsAskedForWhatIsMissing() throws IOException {
    // given
    area.prompt(new CliProcess.Person(PASSWORD));

    // when, then
    assertThat(area.run("login", "--email", email, "--days", "1")).as(area.err()).isZero();
    assertThat(area.out()).startsWith("logged in at " + server.api().uri() + " as " + email);
    area.prompt(new CliProcess.NobodyThere());
    assertThat(area.run("login", "--email", email)).isEqualTo(ExitCode.USAGE);
    assertThat(area.err()).contains("--password-stdin");
    assertThat(area.run("login", "--days", "0")).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void whoHasNoAccountMakesOne() {
    // given
    String another = UUID.randomUUID() + "@example.org";

    // when, then
    assertThat(
            area.input(PASSWORD).run("login", "--sign-up", "--email", another, "--password-stdin"))
        .as(area.err())
        .isZero();
    assertThat(area.out()).contains(" as " + another);
    assertThat(
            area.input(PASSWORD).run("login", "--sign-up", "--email", another, "--password-stdin"))
        .isEqualTo(ExitCode.FAILED);
    assertThat(area.err()).contains("/email: ");
  }

  @Test
  void aTokenMadeElsewhereIsKeptWhereItIsGood() {
    // given
    assertThat(area.run("logout")).isZero();

    // when, then
    assertThat(area.input("area_nothing").run("login", "--token-stdin"))
        .isEqualTo(ExitCode.NOT_ALLOWED);
    assertThat(area.run("areas", "list")).isEqualTo(ExitCode.NOT_ALLOWED);
    assertThat(area.input(token()).run("login", "--token-stdin")).as(area.err()).isZero();
    assertThat(area.out()).contains(" as " + email);
    assertThat(area.run("areas", "list")).isZero();
  }

  @Test
  void aFileThatOthersMayReadIsNotUsed() throws IOException {
    // given
    Path file = home.resolve("config/areaflow/credentials.json");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

    // when, then
    assertThat(area.run("areas", "list")).isEqualTo(ExitCode.NOT_ALLOWED);
    assertThat(area.err()).contains("may be used by others (rw-r-----)", "chmod 600 " + file);
  }

  @Test
  void aWrongPasswordIsTheServersProblem() {
    // when, then
    assertThat(area.input("wrong").run("login", "--email", email, "--password-stdin"))
        .isEqualTo(ExitCode.NOT_ALLOWED);
    assertThat(area.err()).startsWith("area login: Not logged in: ").doesNotContain("Log in with");
  }

  @Test
  void aTokenAllowsWhatWasAskedForAndAnotherServerDoesNotGetIt() {
    // when, then
    assertThat(
            area.input(PASSWORD)
                .run("login", "--email", email, "--password-stdin", "--scopes", "runs:read"))
        .isZero();
    assertThat(area.run("runs", "list")).isZero();
    assertThat(area.run("areas", "list")).isEqualTo(ExitCode.NOT_ALLOWED);
    assertThat(area.err()).contains("areas:read");
    assertThat(area.run("areas", "list", "--server", "http://127.0.0.1:1"))
        .isEqualTo(ExitCode.NOT_ALLOWED);
    assertThat(area.err()).contains("area login --server http://127.0.0.1:1");
  }

  @Test
  void whoLogsOutIsLoggedInNoMore() {
    // when, then
    assertThat(area.run("logout")).isZero();
    assertThat(area.run("areas", "list")).isEqualTo(ExitCode.NOT_ALLOWED);
    assertThat(area.with("AREA_TOKEN", "area_nothing").run("areas", "list"))
        .isEqualTo(ExitCode.NOT_ALLOWED);
    assertThat(area.err()).contains("Log in with: area login");
  }

  @Test
  void aServerThatIsNotThereIsToldApart() {
    // when, then
    assertThat(area.with("AREA_TOKEN", "t").run("areas", "list", "--server", "http://127.0.0.1:1"))
        .isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(area.err()).contains("the server does not answer");
    assertThat(area.run("areas", "list", "--server", "ftp://x")).isEqualTo(ExitCode.USAGE);
    assertThat(area.run("areas", "lst")).isEqualTo(ExitCode.USAGE);
  }

  // definitions as code

  @Test
  void whatIsAppliedIsThereAndAppliedAgainChangesNothing() throws Exception {
    // given
    write("triage.yaml", TRIAGE);
    write("more/clock.yaml", CLOCK);

    // when, then
    assertThat(area.run("areas", "apply", "-f", files.toString(), "--dry-run")).isZero();
    assertThat(area.out())
        .contains("+ create    Bug triage", "+ create    Every hour")
        .contains("2 to create, 0 to change, 0 unchanged, 0 to delete");
    assertThat(user.get("/api/v1/areas").body().path("items")).isEmpty();

    assertThat(area.run("areas", "apply", "-f", files.toString())).as(area.err()).isZero();
    assertThat(area.out())
        .contains("2 created, 0 changed, 0 unchanged, 0 deleted")
        .contains("Bug triage: hook https://hooks.example.org/hooks/")
        .doesNotContain("secret");

    assertThat(area.run("areas", "diff", "-f", files.toString())).isZero();
    assertThat(area.run("areas", "apply", "-f", files.toString())).isZero();
    assertThat(area.out()).contains("0 created, 0 changed, 2 unchanged, 0 deleted");
    assertThat(user.get("/api/v1/areas").body().path("items").findValuesAsText("version"))
        .containsOnly("1");
  }

  @Test
  void whatIsExportedAndAppliedChangesNothing() throws Exception {
    // given
    write("all.yaml", TRIAGE + "---\n" + CLOCK);
    assertThat(area.run("areas", "apply", "-f", files.toString())).as(area.err()).isZero();
    Path exported = home.resolve("exported");

    // when
    assertThat(area.run("areas", "export", "-o", exported.toString())).isZero();

    // then
    assertThat(exported.resolve("bug-triage.yaml")).content().contains("connection: chat");
    assertThat(area.run("areas", "diff", "--prune", "-f", exported.toString())).isZero();
    assertThat(area.out()).contains("0 to create, 0 to change, 2 unchanged, 0 to delete");
    assertThat(area.run("areas", "export")).isZero();
    assertThat(area.input(area.out()).run("areas", "diff", "--prune", "-f", "-")).isZero();
  }

  @Test
  void theExampleOfTheDocumentationIsAppliedAndExportedAlike() throws Exception {
    // given
    Path example = Path.of("../docs/examples/areas");

    // when, then
    assertThat(area.run("areas", "apply", "-f", example.toString())).as(area.err()).isZero();
    assertThat(area.out()).contains("3 created");
    assertThat(area.run("areas", "diff", "--prune", "-f", example.toString())).isZero();
    assertThat(area.run("areas", "export", "-o", files.toString())).isZero();
    assertThat(area.run("areas", "diff", "--prune", "-f", files.toString())).isZero();
  }

  @Test
  void aChangeIsShownFieldByFieldAndMade() throws Exception {
    // given
    write("triage.yaml", TRIAGE);
    assertThat(area.run("areas", "apply", "-f", files.toString())).as(area.err()).isZero();
    write("triage.yaml", TRIAGE.replace("== 'bug'", "== 'urgent'").replace("/in", "/out"));

    // when, then
    assertThat(area.run("areas", "diff", "-f", files.toString())).isEqualTo(ExitCode.DIFFERENT);
    assertThat(area.out())
        .contains("~ change    Bug triage")
        .contains("when: \"event.issue.labels.exists(l, l.name == 'bug')\" → \"event")
        .contains(
            "reactions[r1].inputs.url: \"https://chat.example.org/in\" →"
                + " \"https://chat.example.org/out\"");
    assertThat(area.run("areas", "apply", "--json", "-f", files.toString())).isZero();
    assertThat(area.json().at("/areas/0/intent").asText()).isEqualTo("change");
    assertThat(area.json().at("/areas/0/differences").findValuesAsText("field"))
        .containsExactly("when", "reactions[r1].inputs.url");
    assertThat(area.json().at("/applied/0/version").asInt()).isEqualTo(2);
  }

  @Test
  void anAreaThatNoFileHasIsDeletedOnlyWherePruningIsSaidTwice() throws Exception {
    // given
    write("all.yaml", TRIAGE + "---\n" + CLOCK);
    assertThat(area.run("areas", "apply", "-f", files.toString())).as(area.err()).isZero();
    write("all.yaml", CLOCK);

    // when, then
    assertThat(area.run("areas", "apply", "-f", files.toString())).isZero();
    assertThat(area.out()).contains("1 unchanged, 0 deleted");
    assertThat(area.run("areas", "apply", "--prune", "-f", files.toString()))
        .isEqualTo(ExitCode.USAGE);
    assertThat(area.out()).contains("- delete    Bug triage");
    assertThat(area.err()).contains("--yes");
    area.prompt(new CliProcess.Person("n"));
    assertThat(area.run("areas", "apply", "--prune", "-f", files.toString()))
        .isEqualTo(ExitCode.FAILED);
    assertThat(user.get("/api/v1/areas").body().path("items")).hasSize(2);
    assertThat(area.run("areas", "apply", "--prune", "--yes", "-f", files.toString())).isZero();
    assertThat(user.get("/api/v1/areas").body().path("items").findValuesAsText("name"))
        .containsExactly("Every hour");
  }

  @Test
  void whatTheServerRefusesIsToldWithFileAndLineAndNothingIsApplied() throws Exception {
    // given
    write("1.yaml", CLOCK);
    write(
        "2.yaml",
        TRIAGE
            .replace("issue_opened", "issue_open")
            .replace("connection: chat", "connection: chats"));

    // when, then
    assertThat(area.run("areas", "apply", "-f", files.toString())).isEqualTo(ExitCode.FAILED);
    assertThat(area.err())
        .contains("2.yaml:5: /action/action ")
        .contains("did you mean \"issue_opened\"?");
    write("2.yaml", TRIAGE.replace("connection: chat", "connection: chats"));
    assertThat(area.run("areas", "apply", "-f", files.toString())).isEqualTo(ExitCode.FAILED);
    assertThat(area.err()).contains("2.yaml:11: /reactions/0/connection ");
    assertThat(user.get("/api/v1/areas").body().path("items")).isEmpty();
  }

  @Test
  void yamlThatIsNoneIsToldWithFileAndLine() throws Exception {
    // given
    write("1.yaml", "name: A\n  action: x\n");

    // when, then
    assertThat(area.run("areas", "apply", "-f", files.toString())).isEqualTo(ExitCode.FAILED);
    assertThat(area.err()).contains("1.yaml:2: ");
    assertThat(area.run("areas", "apply")).isEqualTo(ExitCode.USAGE);
    assertThat(area.run("areas", "apply", "-f", home.resolve("none.yaml").toString()))
        .isEqualTo(ExitCode.FAILED);
    assertThat(area.err()).contains("there is no such file");
  }

  @Test
  void theSecretOfANewHookIsShownToWhoAsksForIt() throws Exception {
    // given
    write("triage.yaml", TRIAGE);

    // when, then
    assertThat(area.run("areas", "apply", "--show-secrets", "-f", files.toString())).isZero();
    assertThat(area.out()).containsPattern("Bug triage: hook \\S+ secret \\S+");
  }

  // one AREA

  @Test
  void anAreaIsListedShownTriedSwitchedAndDeleted() throws Exception {
    // given
    write("all.yaml", TRIAGE + "---\n" + CLOCK);
    assertThat(area.run("areas", "apply", "-f", files.toString())).as(area.err()).isZero();

    // when, then
    assertThat(area.run("areas", "list")).isZero();
    assertThat(area.out())
        .containsPattern("(?m)^NAME +STATUS +VERSION +WHEN +THEN +WHY$")
        .containsPattern(
            "(?m)^Bug triage +pending +1 +github.issue_opened +http.request, choose +Version")
        .containsPattern("(?m)^Every hour +disabled +1 +timer.interval +http.request$");
    assertThat(area.run("areas", "list", "--enabled", "false", "--json")).isZero();
    assertThat(area.json()).hasSize(1);

    assertThat(area.run("areas", "show", "Bug triage")).isZero();
    assertThat(area.out()).contains("# status   pending", "name: Bug triage\n");

    assertThat(area.run("areas", "try", "Bug triage")).isZero();
    assertThat(area.out()).contains("Bug triage: ");
    Path event = Files.writeString(home.resolve("event.json"), "{\"issue\": 1}");
    assertThat(area.run("areas", "try", "--json", "Bug triage", "--event", event.toString()))
        .isBetween(ExitCode.DONE, ExitCode.FAILED);
    assertThat(area.jsonLines().getFirst().path("event").path("issue").asInt()).isEqualTo(1);
    Path never =
        Files.writeString(
            home.resolve("never.yaml"), CLOCK.replace("enabled: false", "when: \"false\""));
    assertThat(area.run("areas", "try", "-f", never.toString())).isZero();
    assertThat(area.out()).contains("Every hour: filtered", "--event FILE tries");
    assertThat(area.run("areas", "try", "-f", never.toString(), "--event", event.toString()))
        .isZero();
    assertThat(area.out()).contains("Every hour: filtered").doesNotContain("--event FILE");

    assertThat(area.run("areas", "enable", "Every hour")).isZero();
    assertThat(area.out()).isEqualToIgnoringNewLines("Every hour: pending");
    assertThat(area.run("areas", "disable", "Bug triage")).isZero();
    assertThat(area.run("areas", "delete", "Bug triage")).isEqualTo(ExitCode.USAGE);
    assertThat(area.run("areas", "delete", "--yes", "Bug triage")).isZero();
    assertThat(area.run("areas", "show", "Bug triage")).isEqualTo(ExitCode.FAILED);
    assertThat(area.err()).contains("there is no AREA \"Bug triage\"");
  }

  @Test
  void theSchemaForEditorsNeedsNoLogin() throws Exception {
    // given
    assertThat(area.run("logout")).isZero();
    Path file = home.resolve("area.schema.json");

    // when, then
    assertThat(area.run("areas", "schema", "-o", file.toString())).as(area.err()).isZero();
    JsonNode schema = new ObjectMapper().readTree(file.toFile());
    assertThat(schema.path("$schema").asText()).endsWith("2020-12/schema");
    assertThat(schema.path("$defs").has("http.reaction.request")).isTrue();
  }

  // accounts and runs

  @Test
  void connectionsAreListedShownAndDeletedWithWhatStops() throws Exception {
    // given
    write("triage.yaml", TRIAGE);
    assertThat(area.run("areas", "apply", "-f", files.toString())).as(area.err()).isZero();

    // when, then
    assertThat(area.run("connections", "list")).isZero();
    assertThat(area.out()).containsPattern("(?m)^http +chat +\\w+");
    assertThat(area.run("connections", "show", "http/chat")).isZero();
    assertThat(area.json().path("name").asText()).isEqualTo("chat");
    assertThat(area.out()).doesNotContain("secret");
    assertThat(area.run("connections", "delete", "--yes", "chat")).isZero();
    assertThat(area.out()).contains("http/chat: deleted", "Bug triage: stopped");
    assertThat(area.run("connections", "show", "chat")).isEqualTo(ExitCode.FAILED);
    assertThat(area.run("areas", "apply", "-f", files.toString())).isZero();
    assertThat(area.out()).contains("1 unchanged");
    connectChat();
    assertThat(area.run("areas", "apply", "--force", "-f", files.toString()))
        .as(area.err())
        .isZero();
    assertThat(area.out()).contains("~ change    Bug triage", "1 changed");
    assertThat(user.get("/api/v1/areas").body().at("/items/0/status").asText())
        .isEqualTo("pending");
  }

  @Test
  void runsAndDeadLettersThatAreNotThereAreSaidToBeNone() throws Exception {
    // when, then
    assertThat(area.run("runs", "list", "--from", "-7d", "--status", "failed")).isZero();
    assertThat(area.out().lines()).hasSize(1);
    assertThat(area.run("runs", "list", "--json")).isZero();
    assertThat(area.json()).isEmpty();
    assertThat(area.run("runs", "show", UUID.randomUUID().toString())).isEqualTo(ExitCode.FAILED);
    assertThat(area.err()).contains("What there is: area runs list");
    assertThat(area.run("runs", "list", "--status", "bad")).isEqualTo(ExitCode.FAILED);
    assertThat(area.err()).contains("/status");
    assertThat(area.run("runs", "list", "--from", "yesterday")).isEqualTo(ExitCode.USAGE);
    assertThat(area.run("runs", "retry")).isEqualTo(ExitCode.USAGE);
    assertThat(area.run("runs", "retry", "--from", "-1d", "--json")).isZero();
    assertThat(area.json().path("requested").asInt(-1)).isZero();
    assertThat(area.run("dead-letters", "discard", "--cause", "x"))
        .isIn(ExitCode.DONE, ExitCode.NOT_ALLOWED);
  }

  private String token() {
    ObjectNode wanted = new ObjectMapper().createObjectNode().put("name", "elsewhere");
    wanted.putArray("scopes").add("areas:read");
    try {
      return user.post("/api/v1/tokens", wanted).expecting(201).body().path("token").asText();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void connectChat() throws Exception {
    ObjectNode chat =
        (ObjectNode)
            new ObjectMapper()
                .readTree(
                    "{\"service\": \"http\", \"name\": \"chat\", \"credentials\":"
                        + " {\"url\": \"https://chat.example.org\", \"token\": \"secret\"}}");
    user.post("/api/v1/connections", chat).expecting(201);
  }

  private void write(String name, String text) throws IOException {
    Path file = files.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
