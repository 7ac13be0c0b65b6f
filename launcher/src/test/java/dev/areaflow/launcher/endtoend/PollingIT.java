package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.client.AreaClient;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lists at a third party that are polled, on the whole platform: a crash neither loses nor doubles
 * what polls find. The lists grow with every look, while the program is killed at random moments;
 * each item must become one event, in order. Half of the hooks go on from a cursor, which is
 * forgotten at random; some of those begin with what there is already.
 *
 * <p>How much is done can be set: {@code -Dpolling.hooks}, {@code -Dpolling.polls}, {@code
 * -Dpolling.kills}.
 */
class PollingIT {
  private static final int HOOKS = Integer.getInteger("polling.hooks", 40);
  private static final int KILLS = Integer.getInteger("polling.kills", 1);
  private static final int POLLS = Integer.getInteger("polling.polls", 120);
  private static final int POLLS_BETWEEN = POLLS / (KILLS + 1);
  private static final int FIRST = 2;

  /** A poll that a kill lost is issued again after a minute, and again if that was lost, too. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final List<JsonNode> areas = new ArrayList<>();

  @Test
  void killingTheProgramNeitherLosesNorDoublesWhatPollsFind(
      @TempDir(cleanup = CleanupMode.ON_SUCCESS) Path folder) throws Exception {
    try (GrowingLists lists = new GrowingLists();
        RecordingSink sink = new RecordingSink();
        ProgramProcess program =
            ProgramProcess.start(
                folder,
                "--egress-allow",
                lists.authority() + "," + sink.authority(),
                "--services-dir",
                GrowingLists.service(folder.resolve("services")).toString())) {
      // given
      AreaClient owner = program.client().signUp("polls@example.org", "correct horse battery");
      for (int list = 0; list < HOOKS; list++) {
        areas.add(create(owner, lists, sink, list));
      }
      Await.until("two looks at each list", PATIENCE, () -> lists.lookedAt(2), n -> n == HOOKS);

      // when
      for (int kill = 0; kill < KILLS; kill++) {
        awaitFurther(lists, POLLS_BETWEEN + ThreadLocalRandom.current().nextInt(POLLS_BETWEEN / 2));
        System.out.printf("polling: kill %d after %d polls%n", kill + 1, lists.polls());
        program.kill();
        program.startAgain();
        program.awaitReady();
      }
      awaitFurther(lists, POLLS_BETWEEN);
      lists.stopGrowing();

      // then
      Await.until(
          "a reaction to the newest item of each list",
          PATIENCE,
          () -> newestMissing(lists, sink),
          List::isEmpty);
      int items = 0;
      for (int list = 0; list < HOOKS; list++) {
        List<Integer> events = events(owner, areas.get(list).at("/hook/id").asText());
        assertThat(events)
            .as("list " + list)
            .isEqualTo(IntStream.range(events.getFirst(), lists.size(list)).boxed().toList());
        // The first look, which may have been lost and repeated, made none.
        int told = beginsWithWhatIsThere(list) ? FIRST : 0;
        assertThat(events.getFirst()).as("first of list " + list).isBetween(3 - told, 8 - told);
        items += events.size();
      }
      System.out.printf(
          "polling: %d polls of %d hooks, %d items, each one event, %d kills, %d cursors lost%n",
          lists.polls(), HOOKS, items, KILLS, lists.forgotten());
      aWakeMakesItsHookBePolledAtOnce(owner, lists, sink);
      aHookThatCannotBePolledTellsItsArea(owner, sink);
    }
  }

  private static void aWakeMakesItsHookBePolledAtOnce(
      AreaClient owner, GrowingLists lists, RecordingSink sink)
      throws IOException, InterruptedException {
    // given
    JsonNode area =
        Areas.createLive(
            owner,
            Areas.posting(
                "Told",
                "lists",
                "item_told",
                Areas.inputs().put("url", lists.address(HOOKS).toString()).put("every", "PT1H"),
                sink.address("/told"),
                JsonNodeFactory.instance.textNode("${event.id}")));
    Await.until("a first look", PATIENCE, () -> lists.looks(HOOKS), looks -> looks > 0);
    lists.add(HOOKS);

    // when
    HttpRequest wake =
        HttpRequest.newBuilder(Areas.hookUrl(area))
            .header("X-Token", Areas.hookSecret(area))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    try (HttpClient provider = HttpClient.newHttpClient()) {
      assertThat(provider.send(wake, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(202);
    }

    // then
    Await.until(
        "a reaction to the new item",
        PATIENCE,
        () -> sink.calls().stream().filter(call -> call.path().equals("/told")).toList(),
        calls -> !calls.isEmpty());
  }

  private static void aHookThatCannotBePolledTellsItsArea(AreaClient owner, RecordingSink sink)
      throws IOException, InterruptedException {
    // given
    String area =
        owner
            .post(
                "/api/v1/areas",
                Areas.posting(
                    "No list",
                    "http",
                    "new_item",
                    Areas.inputs().put("url", sink.address("/no-list").toString()),
                    sink.address("/never"),
                    JsonNodeFactory.instance.textNode("${event.id}")))
            .expecting(201)
            .body()
            .path("id")
            .asText();

    // when
    JsonNode shown =
        owner
            .await(
                "/api/v1/areas/" + area,
                PATIENCE,
                answer -> answer.body().at("/hook/polling/failures").asInt() > 0)
            .body();

    // then
    assertThat(shown.at("/hook/polling/lastFailure").asText()).contains("expected an array");
    assertThat(shown.at("/hook/polling/nextPollAt").asText())
        .isGreaterThan(shown.at("/hook/polling/lastPolledAt").asText());
    assertThat(
            owner
                .await(
                    "/api/v1/areas/" + area,
                    PATIENCE,
                    answer -> answer.body().path("status").asText().equals("live"))
                .body()
                .path("statusReason")
                .asText())
        .contains("failed")
        .contains("expected an array");
  }

  private static void awaitFurther(GrowingLists lists, int polls) {
    int until = lists.polls() + polls;
    Duration patience = PATIENCE.plus(Duration.ofSeconds(20L * polls / HOOKS));
    Await.until(until + " polls", patience, lists::polls, n -> n >= until);
  }

  private static JsonNode create(AreaClient owner, GrowingLists lists, RecordingSink sink, int list)
      throws IOException, InterruptedException {
    boolean whole = list % 2 == 0;
    ObjectNode inputs =
        Areas.inputs().put("url", lists.address(list).toString()).put("every", "PT5S");
    ObjectNode area =
        Areas.posting(
            "List " + list,
            whole ? "http" : "lists",
            whole ? "new_item" : "item_since",
            whole ? inputs.put("items", "/items") : inputs,
            sink.address("/of/" + list),
            JsonNodeFactory.instance.textNode("${event.id}"));
    if (beginsWithWhatIsThere(list)) {
      area.withObject("/action").put("first", FIRST);
    }
    return owner.post("/api/v1/areas", area).expecting(201).body();
  }

  private static boolean beginsWithWhatIsThere(int list) {
    return list % 4 == 1;
  }

  /** The lists to whose newest item there was no reaction yet. */
  private static List<Integer> newestMissing(GrowingLists lists, RecordingSink sink) {
    Set<String> calls =
        sink.calls().stream()
            .map(call -> call.path() + " " + call.body())
            .collect(Collectors.toSet());
    return IntStream.range(0, HOOKS)
        .filter(list -> !calls.contains("/of/" + list + " " + (lists.size(list) - 1)))
        .boxed()
        .toList();
  }

  /** The ids of a hook's events, the oldest first. */
  private static List<Integer> events(AreaClient owner, String hook)
      throws IOException, InterruptedException {
    List<Integer> ids = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page =
          owner.get("/api/v1/events?limit=200&hook=" + hook + cursor).expecting(200).body();
      page.path("items").forEach(event -> ids.addFirst(event.path("id").asInt()));
      JsonNode next = page.path("next");
      cursor = next.isTextual() ? "&cursor=" + next.asText() : "";
    } while (!cursor.isEmpty());
    return ids;
  }
}
