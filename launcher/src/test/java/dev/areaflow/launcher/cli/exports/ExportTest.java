package dev.areaflow.launcher.cli.exports;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.launcher.cli.CliProcess;
import dev.areaflow.launcher.cli.ListServer;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code area events export} and {@code area runs export} against lists as the API answers them.
 */
final class ExportTest {
  private static final String RUN =
      """
      {"id":"r1","areaId":"a1","areaVersion":3,"hookId":"h1","eventId":"e1","generation":0,
       "status":"failed","statusReason":null,"startedAt":"2026-05-31T08:00:00.123456Z",
       "finishedAt":null,"steps":[{"id":"tell","status":"failed"}]}
      """;

  @TempDir private Path home;
  private ListServer server;
  private CliProcess area;
  private Path file;

  @BeforeEach
  void start() throws IOException {
    server = new ListServer();
    server.list(
        "hooks",
        "{\"id\":\"h1\",\"service\":\"github\",\"action\":\"issue_opened\"}",
        "{\"id\":\"h2\",\"service\":\"timer\",\"action\":\"interval\"}",
        "{\"id\":\"h3\",\"service\":\"github\",\"action\":\"push\"}");
    server.list(
        "events?hook=h1",
        event("e5", "h1", "2026-05-31T12:00:00Z", "{\"say\":\"\\\"a\\\",\\nb\"}"),
        event("e4", "h1", "2026-05-31T11:00:00Z", "{\"n\":4}"),
        event("e3", "h1", "2026-05-31T10:00:00Z", "null"),
        event("e2", "h1", "2026-05-20T10:00:00Z", "{\"n\":2}"),
        event("e1", "h1", "2026-05-10T10:00:00Z", "{\"n\":1}"));
    server.list(
        "events?hook=h2",
        event("t2", "h2", "2026-05-31T09:00:00Z", "{}"),
        event("t1", "h2", "2026-05-31T08:00:00Z", "{}"));
    area = new CliProcess(home).with("AREA_SERVER", server.address()).with("AREA_TOKEN", "test");
    file = home.resolve("export");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  // formats

  @Test
  void linesAreTheEventsOfAllHooksAsTheApiAnswersThem() throws IOException {
    // when, then
    assertThat(area.run("events", "export")).as(area.err()).isZero();
    assertThat(area.out().lines()).hasSize(7);
    assertThat(ids(area.jsonLines())).containsExactly("e5", "e4", "e3", "e2", "e1", "t2", "t1");
    assertThat(area.jsonLines().getFirst())
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    event("e5", "h1", "2026-05-31T12:00:00Z", "{\"say\":\"\\\"a\\\",\\nb\"}")));
    assertThat(server.requests().get(1)).isEqualTo("/api/v1/hooks?limit=200&cursor=2");
  }

  @Test
  void csvHasAHeadingAndQuotesWhatNeedsIt() throws IOException {
    // when, then
    assertThat(area.run("events", "export", "--hook", "h1", "--format", "csv")).isZero();
    assertThat(area.out())
        .startsWith(
            """
            id,hookId,service,action,time,receivedAt,generation,matched,payload
            e5,h1,github,issue_opened,2026-05-31T12:00:00Z,2026-05-31T12:00:00Z,0,1,"{""say"":""\\""a\\"",\\nb""}"
            e4,h1,github,issue_opened,2026-05-31T11:00:00Z,2026-05-31T11:00:00Z,0,1,"{""n"":4}"
            e3,h1,github,issue_opened,2026-05-31T10:00:00Z,2026-05-31T10:00:00Z,0,1,
            """)
        .hasLineCount(6);
  }

  @Test
  void csvTellsAnEmptyTextFromNoValue() throws IOException {
    // given
    server.list("runs", RUN, RUN.replace("\"e1\"", "\"\"").replace("null,", "\"a, \\\"b\\\"\","));

    // when, then
    assertThat(area.run("runs", "export", "--format", "csv")).isZero();
    assertThat(area.out())
        .isEqualTo(
            """
            id,areaId,areaVersion,hookId,eventId,generation,status,statusReason,startedAt,finishedAt,events,steps
            r1,a1,3,h1,e1,0,failed,,"2026-05-31T08:00:00.123456Z",,,"[{""id"":""tell"",""status"":""failed""}]"
            r1,a1,3,h1,"",0,failed,"a, ""b""\","2026-05-31T08:00:00.123456Z","a, ""b""\",,"[{""id"":""tell"",""status"":""failed""}]"
            """);
  }

  @Test
  void avroIsAContainerFileWithItsSchema() throws IOException {
    // given
    server.list("runs", RUN);

    // when, then
    assertThat(area.run("runs", "export", "--format", "avro", "-o", file.toString())).isZero();
    assertThat(area.err()).isEqualToIgnoringNewLines("1 runs are in " + file);
    GenericRecord row = avro().getFirst();
    assertThat(row.getSchema().getFullName()).isEqualTo("dev.areaflow.exports.Run");
    assertThat(row.get("areaVersion")).isEqualTo(3L);
    assertThat(row.get("startedAt")).isEqualTo(1_780_214_400_123_456L);
    assertThat(row.get("finishedAt")).isNull();
    assertThat(row.get("steps")).hasToString("[{\"id\":\"tell\",\"status\":\"failed\"}]");
  }

  @Test
  void whereNothingIsTheFileIsWholeAllTheSame() throws IOException {
    // when, then
    assertThat(area.run("runs", "export", "--format", "avro", "-o", file.toString())).isZero();
    assertThat(avro()).isEmpty();
    assertThat(area.run("runs", "export", "--json", "-o", file.toString())).isZero();
    assertThat(area.json().path("rows").asInt(-1)).isZero();
    assertThat(file).isEmptyFile();
  }

  // what is selected

  @Test
  void eventsAreNarrowedAndOlderOnesAreNotRead() throws IOException {
    // when, then
    assertThat(area.run("events", "export", "--from", "2026-05-31", "--to", "2026-05-31T12:00:00Z"))
        .isZero();
    assertThat(ids(area.jsonLines())).containsExactly("e4", "e3", "t2", "t1");
    assertThat(server.requests())
        .contains(
            "/api/v1/events?hook=h1&from=2026-05-30T23%3A55%3A00Z&to=2026-05-31T12%3A05%3A00Z"
                + "&limit=200")
        .noneMatch(request -> request.contains("hook=h1") && request.contains("cursor=4"));
    assertThat(area.run("events", "export", "--from", "-14d", "--service", "github")).isZero();
    assertThat(ids(area.jsonLines())).containsExactly("e5", "e4", "e3", "e2");
    assertThat(area.run("events", "export", "--action", "interval")).isZero();
    assertThat(ids(area.jsonLines())).containsExactly("t2", "t1");
    assertThat(area.run("events", "export", "--hook", "h1", "--service", "timer")).isZero();
    assertThat(area.out()).isEmpty();
  }

  @Test
  void theHooksOfAnAreaAreThoseItHas() throws IOException {
    // given
    server.list(
        "areas",
        "{\"id\":\"a1\",\"name\":\"One\",\"hook\":{\"id\":\"h2\"}}",
        "{\"id\":\"a2\",\"name\":\"Both\",\"hooks\":[{\"id\":\"h2\"},{\"id\":\"h1\"}]}");

    // when, then
    assertThat(area.run("events", "export", "--area", "One")).isZero();
    assertThat(ids(area.jsonLines())).containsExactly("t2", "t1");
    assertThat(area.run("events", "export", "--area", "Both")).isZero();
    assertThat(ids(area.jsonLines())).startsWith("t2", "t1", "e5").hasSize(7);
    assertThat(area.run("events", "export", "--area", "Both", "--hook", "h1"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(area.run("events", "export", "--area", "None")).isEqualTo(ExitCode.FAILED);
  }

  @Test
  void runsAreNarrowedByTheServer() throws IOException {
    // given
    server.list("areas", "{\"id\":\"a1\",\"name\":\"One\"}");

    // when, then
    assertThat(area.run("runs", "export", "--area", "One", "--status", "failed", "--from", "-1d"))
        .isZero();
    assertThat(server.requests().getLast())
        .isEqualTo("/api/v1/runs?area=a1&status=failed&from=2026-05-31T10%3A00%3A00Z&limit=200");
  }

  // going on

  @ParameterizedTest
  @EnumSource(ExportFormat.class)
  void whatBrokeOffGoesOnWithoutLossAndWithoutDoubles(ExportFormat format) throws IOException {
    // given
    String[] command = {
      "events", "export", "--format", format.name().toLowerCase(Locale.ROOT), "-o", file.toString()
    };
    assertThat(area.run(command)).as(area.err()).isZero();
    List<String> whole = rows(format);
    int calls = server.requests().size();

    for (int answers = 3; answers < calls; answers++) {
      // when
      server.endAfter(answers);
      assertThat(area.run(command)).isEqualTo(ExitCode.UNAVAILABLE);
      assertThat(area.err()).contains("the same with --resume goes on", "Kafka is away.");
      Files.writeString(file, "half of a page", StandardOpenOption.APPEND);
      server.endAfter(1);
      assertThat(area.run(resuming(command))).isIn(ExitCode.UNAVAILABLE, ExitCode.DONE);
      server.endAfter(Integer.MAX_VALUE);
      if (Files.exists(ExportFile.sideFile(file))) {
        assertThat(area.run(resuming(command))).as(area.err()).isZero();
      }

      // then
      assertThat(rows(format)).as("after %d answers", answers).isEqualTo(whole);
      assertThat(ExportFile.sideFile(file)).doesNotExist();
    }
  }

  @Test
  void timesStayWhatTheyWereWhenItBegan() throws IOException {
    // given
    String[] command = {"events", "export", "--hook", "h1", "--from", "-1d", "-o", file.toString()};
    server.endAfter(1);
    assertThat(area.run(command)).isEqualTo(ExitCode.UNAVAILABLE);
    server.endAfter(Integer.MAX_VALUE);

    // when
    area.clock(Clock.fixed(CliProcess.NOW.plus(Duration.ofDays(9)), ZoneOffset.UTC));
    assertThat(area.run(resuming(command))).as(area.err()).isZero();

    // then
    assertThat(Files.readAllLines(file)).hasSize(3);
  }

  @Test
  void anotherCommandDoesNotGoOnWithAFile() throws IOException {
    // given
    server.endAfter(4);
    assertThat(area.run("events", "export", "-o", file.toString())).isEqualTo(ExitCode.UNAVAILABLE);
    server.endAfter(Integer.MAX_VALUE);

    // when, then
    assertThat(area.run("events", "export", "-o", file.toString())).isEqualTo(ExitCode.FAILED);
    assertThat(area.err()).contains("go on with it with --resume, or delete " + file + ".resume");
    assertThat(area.run("runs", "export", "--resume", "-o", file.toString()))
        .isEqualTo(ExitCode.FAILED);
    assertThat(area.err()).contains("an export of events at " + server.address());
    assertThat(area.run("events", "export", "--resume", "--hook", "h1", "-o", file.toString()))
        .isEqualTo(ExitCode.FAILED);
    Files.writeString(file, "");
    assertThat(area.run("events", "export", "--resume", "-o", file.toString()))
        .isEqualTo(ExitCode.FAILED);
    assertThat(area.err()).contains("expected at least ", " bytes, as export.resume says, found 0");
    Files.writeString(ExportFile.sideFile(file), "no state");
    assertThat(area.run("events", "export", "--resume", "-o", file.toString()))
        .isEqualTo(ExitCode.FAILED);
    assertThat(area.err()).contains("export.resume: expected what an export left");
  }

  @Test
  void whatIsCompleteIsNotGoneOnWith() throws IOException {
    // given
    assertThat(area.run("events", "export", "--resume", "-o", file.toString()))
        .as("where there is nothing, it begins")
        .isZero();

    // when, then
    assertThat(area.run("events", "export", "--resume", "-o", file.toString()))
        .isEqualTo(ExitCode.FAILED);
    assertThat(area.err()).contains("there is no export.resume, so that nothing broke off");
    assertThat(area.run("events", "export", "-o", file.toString())).isZero();
    assertThat(Files.readAllLines(file)).hasSize(7);
  }

  // mistakes

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--format avro",
        "--format xml",
        "--format csv --json",
        "--resume",
        "--from yesterday",
        "--unknown"
      })
  void aCommandLineThatMeansNothingIsRefused(String options) {
    // when, then
    assertThat(area.run(("events export " + options).split(" "))).isEqualTo(ExitCode.USAGE);
    assertThat(area.out()).isEmpty();
  }

  @Test
  void aFileThatCannotBeWrittenIsTold() {
    // when, then
    assertThat(area.run("events", "export", "-o", home.resolve("none/here").toString()))
        .isEqualTo(ExitCode.FAILED);
  }

  @ParameterizedTest
  @EnumSource(Exported.class)
  void everyColumnIsDocumented(Exported what) throws IOException {
    // given
    String document = Files.readString(Path.of("../docs/analytics.md"));

    // when, then
    assertThat(what.columns())
        .allSatisfy(column -> assertThat(document).contains("| `" + column.name() + "` |"));
  }

  private static String event(String id, String hook, String at, String payload) {
    return """
    {"id":"%s","hookId":"%s","time":"%s","receivedAt":"%s","service":"%s","action":"%s",
     "payload":%s,"generation":0,"matched":1}
    """
        .formatted(
            id,
            hook,
            at,
            at,
            hook.equals("h2") ? "timer" : "github",
            hook.equals("h2") ? "interval" : "issue_opened",
            payload);
  }

  private static List<String> ids(List<JsonNode> items) {
    return items.stream().map(item -> item.path("id").asText()).toList();
  }

  private static String[] resuming(String... command) {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.add("--resume");
    return arguments.toArray(String[]::new);
  }

  private List<String> rows(ExportFormat format) throws IOException {
    return format.isText()
        ? Files.readAllLines(file)
        : avro().stream().map(GenericRecord::toString).toList();
  }

  private List<GenericRecord> avro() throws IOException {
    List<GenericRecord> rows = new ArrayList<>();
    try (DataFileReader<GenericRecord> reader =
        new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
      reader.forEach(rows::add);
    }
    return rows;
  }
}
