package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.launcher.client.AreaClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lists at a third party that are polled, on the whole platform: a crash neither loses nor doubles
 * what polls find. The lists grow with every look, while the program is killed at random moments;
 * each item must become one event, in order.
 */
class PollingIT {
  private static final int HOOKS = 40;
  private static final int KILLS = 1;
  private static final int POLLS_BETWEEN = 60;

  /** A poll that a kill lost is issued again after a minute, and again if that was lost, too. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final List<JsonNode> areas = new ArrayList<>();

  @Test
  void killingTheProgramNeitherLosesNorDoublesWhatPollsFind(@TempDir Path folder) throws Exception {
    try (GrowingLists lists = new GrowingLists();
        RecordingSink sink = new RecordingSink();
        ProgramProcess program =
            ProgramProcess.start(
                folder, "--egress-allow", lists.authority() + "," + sink.authority())) {
      // given
      AreaClient owner = program.client().signUp("polls@example.org", "correct horse battery");
      for (int list = 0; list < HOOKS; list++) {
        areas.add(create(owner, lists, sink, list));
      }
      Await.until("two looks at each list", PATIENCE, () -> lists.lookedAt(2), n -> n == HOOKS);

      // when
      for (int kill = 0; kill < KILLS; kill++) {
        awaitFurther(lists, POLLS_BETWEEN + ThreadLocalRandom.current().nextInt(30));
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
        assertThat(events.getFirst()).as("first of list " + list).isBetween(3, 8);
        items += events.size();
      }
      System.out.printf(
          "polling: %d polls of %d hooks, %d items, each one event, %d kills%n",
          lists.polls(), HOOKS, items, KILLS);
      aHookThatCannotBePolledTellsItsArea(owner, sink);
    }
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
    Await.until(until + " polls", PATIENCE, lists::polls, n -> n >= until);
  }

  private static JsonNode create(AreaClient owner, GrowingLists lists, RecordingSink sink, int list)
      throws IOException, InterruptedException {
    return owner
        .post(
            "/api/v1/areas",
            Areas.posting(
                "List " + list,
                "http",
                "new_item",
                Areas.inputs()
                    .put("url", lists.address(list).toString())
                    .put("items", "/items")
                    .put("every", "PT5S"),
                sink.address("/of/" + list),
                JsonNodeFactory.instance.textNode("${event.id}")))
        .expecting(201)
        .body();
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
