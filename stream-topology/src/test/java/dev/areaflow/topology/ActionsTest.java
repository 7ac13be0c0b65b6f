package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.AREA;
import static dev.areaflow.topology.Harness.HOOK;
import static dev.areaflow.topology.Harness.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.AreaStatus;
import dev.areaflow.schemas.avro.CollectedEvent;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import dev.areaflow.schemas.rows.RulePlan.Absence;
import dev.areaflow.schemas.rows.RulePlan.Member;
import dev.areaflow.schemas.rows.RulePlan.Sequence;
import dev.areaflow.topology.forwarding.Forwarded.Arrived;
import dev.areaflow.topology.forwarding.Forwarded.Passed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AREAs that listen to several actions: their home, the way there, and the time there. */
final class ActionsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final String PUSHES = "hook-pushes";
  private static final String ALARMS = "hook-alarms";
  private static final String NEWS = "hook-news";
  private static final String TEXT = "${events.map(e, e.of + ' ' + e.payload.title).join(', ')}";
  private static final RulePlan DEPLOYED_THEN_ALARM =
      new Sequence(
          HOUR, List.of(new Member("event.main", "pushed"), new Member(null, "alarm")), null);

  @TempDir private Path directory;
  private Harness topology;

  @BeforeEach
  void open() {
    topology = new Harness(directory);
  }

  @AfterEach
  void close() {
    topology.close();
  }

  /**
   * @param listens hook and what the AREA calls its action, in turn
   */
  private static AreaRow area(
      long version, @Nullable RulePlan rule, @Nullable String by, String text, String... listens) {
    Plan plain = Harness.plan(null, "notify", text);
    List<String> all = new ArrayList<>();
    for (int i = 0; i < listens.length; i += 2) {
      all.add("{\"hookId\":\"%s\",\"of\":\"%s\"}".formatted(listens[i], listens[i + 1]));
    }
    return new AreaRow(
        AREA,
        "owner-1",
        listens[0],
        "name",
        new Plan("", "", null, rule, by, plain.steps()).toJson(),
        version,
        true,
        null,
        null,
        all.toString(),
        null);
  }

  private static AreaRow sequence(long version) {
    return area(version, DEPLOYED_THEN_ALARM, null, TEXT, PUSHES, "pushed", ALARMS, "alarm");
  }

  private static AreaRow deleted(AreaRow row) {
    return new AreaRow(
        row.id(),
        row.ownerId(),
        row.hookId(),
        row.name(),
        row.plan(),
        row.version(),
        true,
        START,
        null,
        row.listens(),
        null);
  }

  private void happen(String hook, String id, String payload) {
    topology.happen(Harness.event(id, hook, EventSource.WEBHOOK, payload));
  }

  private void tickAfter(Duration time) {
    topology.pass(time);
    topology.tick();
  }

  private List<String> texts() {
    return topology.commands().stream()
        .map(command -> Harness.inputs(command).get("text").asText())
        .toList();
  }

  private List<String> told() {
    return topology.statuses().stream()
        .filter(status -> status.getRule().isEmpty())
        .map(status -> status.getHome() + " " + status.getState())
        .toList();
  }

  private long rows(String store) {
    long rows = 0;
    try (var all = topology.driver().getKeyValueStore(store).all()) {
      while (all.hasNext()) {
        all.next();
        rows++;
      }
    }
    return rows;
  }

  @Test
  void aSequenceOverTwoHooksFiresAtTheHomeOfTheArea() {
    // given
    topology.define(sequence(1));
    List<String> told = told();

    // when
    happen(PUSHES, "p1", "{\"main\":true,\"title\":\"release\"}");
    tickAfter(SECOND);
    happen(ALARMS, "a1", "{\"title\":\"disk\"}");
    List<Command> early = topology.commands();
    tickAfter(SECOND);

    // then
    assertThat(told)
        .containsExactlyInAnyOrder(AREA + " APPLIED", PUSHES + " APPLIED", ALARMS + " APPLIED");
    assertThat(early).isEmpty();
    Command command = topology.command();
    assertThat(Harness.inputs(command).get("text").asText())
        .isEqualTo("pushed release, alarm disk");
    assertThat(command.getHome()).isEqualTo(AREA);
    List<RunRecord> runs = topology.runs();
    assertThat(runs)
        .extracting(RunRecord::getStatus)
        .containsExactly(RunStatus.KEPT, RunStatus.RUNNING);
    RunRecord run = runs.getLast();
    assertThat(run.getHome()).isEqualTo(AREA);
    assertThat(run.getHookId()).isEqualTo(ALARMS);
    assertThat(run.getStartedAt()).isEqualTo(START.plus(SECOND));
    assertThat(run.getEvents())
        .extracting(CollectedEvent::getHookId)
        .containsExactly(PUSHES, ALARMS);

    // when
    topology.succeed(command);

    // then
    assertThat(topology.runStatuses()).containsExactly(RunStatus.SUCCEEDED);
  }

  @Test
  void aMemberMeansTheEventsOfItsActionOnly() {
    // given
    topology.define(sequence(1));

    // when
    happen(ALARMS, "a1", "{\"main\":true,\"title\":\"disk\"}");
    happen(PUSHES, "p1", "{\"main\":false,\"title\":\"draft\"}");
    happen(ALARMS, "a2", "{\"title\":\"disk\"}");
    tickAfter(SECOND);

    // then
    assertThat(topology.commands()).isEmpty();
    assertThat(topology.runStatuses())
        .containsExactly(RunStatus.DROPPED, RunStatus.DROPPED, RunStatus.DROPPED);
  }

  @Test
  void keysAreApart() {
    // given
    topology.define(
        area(
            1,
            DEPLOYED_THEN_ALARM,
            "meta.of == 'pushed' ? event.app : event.service",
            TEXT,
            PUSHES,
            "pushed",
            ALARMS,
            "alarm"));

    // when
    happen(PUSHES, "p1", "{\"main\":true,\"title\":\"one\",\"app\":\"a\"}");
    happen(PUSHES, "p2", "{\"main\":true,\"title\":\"two\",\"app\":\"b\"}");
    tickAfter(SECOND);
    happen(ALARMS, "a1", "{\"title\":\"disk\",\"service\":\"a\"}");
    tickAfter(SECOND);

    // then
    assertThat(texts()).containsExactly("pushed one, alarm disk");
    assertThat(rows(TaskStores.MEMORIES)).isEqualTo(1);
  }

  @Test
  void whatEndsASequenceMayBeOfOneAction() {
    // given
    RulePlan rule =
        new Sequence(
            HOUR,
            List.of(new Member(null, "pushed"), new Member(null, "alarm")),
            "event.fine",
            "news");
    topology.define(area(1, rule, null, TEXT, PUSHES, "pushed", ALARMS, "alarm", NEWS, "news"));

    // when
    happen(PUSHES, "p1", "{\"title\":\"one\"}");
    tickAfter(SECOND);
    happen(NEWS, "n1", "{\"fine\":true,\"title\":\"calm\"}");
    tickAfter(SECOND);
    happen(ALARMS, "a1", "{\"title\":\"disk\"}");
    tickAfter(SECOND);

    // then
    assertThat(topology.commands()).isEmpty();
  }

  @Test
  void whatDoesNotComeFromTheOtherServiceIsMissed() {
    // given
    topology.define(
        area(
            1,
            new Absence(HOUR, new Member(null, "pushed"), new Member(null, "alarm")),
            null,
            "missed after ${event.title}",
            PUSHES,
            "pushed",
            ALARMS,
            "alarm"));
    happen(PUSHES, "p1", "{\"title\":\"one\"}");
    tickAfter(Duration.ofMinutes(30));
    happen(ALARMS, "a1", "{\"title\":\"there\"}");
    tickAfter(HOUR);
    List<String> answered = texts();

    // when
    happen(PUSHES, "p2", "{\"title\":\"two\"}");
    tickAfter(HOUR.minus(SECOND));
    List<String> early = texts();
    tickAfter(SECOND.multipliedBy(2));

    // then
    assertThat(answered).isEmpty();
    assertThat(early).isEmpty();
    assertThat(texts()).containsExactly("missed after two");
  }

  @Test
  void withoutARuleEachEventOfAnyActionFires() {
    // given
    topology.define(
        area(1, null, null, "${meta.of}: ${event.title}", PUSHES, "pushed", ALARMS, "alarm"));

    // when
    happen(ALARMS, "x", "{\"title\":\"disk\"}");
    happen(PUSHES, "x", "{\"title\":\"one\"}");
    tickAfter(SECOND);

    // then
    assertThat(texts()).containsExactlyInAnyOrder("alarm: disk", "pushed: one");
    assertThat(topology.runs()).extracting(RunRecord::getRunId).doesNotHaveDuplicates();
  }

  @Test
  void aRepeatedDeliveryIsSentOnceAndSaysSo() {
    // given
    topology.define(area(1, null, null, "${event.title}", PUSHES, "pushed", ALARMS, "alarm"));

    // when
    happen(ALARMS, "a1", "{\"title\":\"disk\"}");
    happen(ALARMS, "a1", "{\"title\":\"disk\"}");
    tickAfter(SECOND);

    // then
    assertThat(texts()).containsExactly("disk");
    List<RunRecord> runs = topology.runs();
    assertThat(runs)
        .extracting(RunRecord::getStatus)
        .containsExactlyInAnyOrder(RunStatus.DUPLICATE, RunStatus.RUNNING);
    assertThat(runs).extracting(RunRecord::getHome).containsOnly(AREA);
  }

  @Test
  void othersAtTheHookDecideAtOnce() {
    // given
    topology.define(sequence(1));
    topology.define(
        Harness.area("area-2", PUSHES, 1, Harness.plan(null, "notify", "${event.title}"), true));

    // when
    happen(PUSHES, "p1", "{\"main\":true,\"title\":\"one\"}");

    // then
    assertThat(texts()).containsExactly("one");
  }

  @Test
  void anActionThatIsAddedCountsAndTheMemoryStays() {
    // given
    topology.define(sequence(1));
    happen(PUSHES, "p1", "{\"main\":true,\"title\":\"one\"}");
    tickAfter(SECOND);

    // when
    topology.define(
        area(
            2,
            DEPLOYED_THEN_ALARM,
            null,
            TEXT,
            PUSHES,
            "pushed",
            ALARMS,
            "alarm",
            NEWS,
            "alarms-elsewhere"));
    happen(NEWS, "n1", "{\"title\":\"calm\"}");
    happen(ALARMS, "a1", "{\"title\":\"disk\"}");
    tickAfter(SECOND);

    // then
    assertThat(texts()).containsExactly("pushed one, alarm disk");
    assertThat(topology.runStatuses())
        .contains(RunStatus.DROPPED); // the news, which is of no member
  }

  @Test
  void anActionThatIsTakenOutDoesNotCountAndItsHookSaysSo() {
    // given
    topology.define(
        area(1, null, null, "${event.title}", PUSHES, "pushed", ALARMS, "alarm", NEWS, "news"));
    topology.statuses();

    // when
    topology.define(area(2, null, null, "${event.title}", PUSHES, "pushed", ALARMS, "alarm"));
    happen(NEWS, "n1", "{\"title\":\"news\"}");
    happen(PUSHES, "p1", "{\"title\":\"push\"}");
    tickAfter(SECOND);

    // then
    assertThat(told())
        .containsExactlyInAnyOrder(
            NEWS + " REMOVED", AREA + " APPLIED", PUSHES + " APPLIED", ALARMS + " APPLIED");
    assertThat(texts()).containsExactly("push");
  }

  @Test
  void anAreaOfOneActionBecomesOneOfSeveralAndBack() {
    // given
    topology.define(
        Harness.area(AREA, PUSHES, 1, Harness.plan(null, "notify", "${event.title}"), true));

    // when
    topology.define(area(2, null, null, "${event.title}", PUSHES, "pushed", ALARMS, "alarm"));
    happen(PUSHES, "p1", "{\"title\":\"several\"}");
    List<String> early = texts();
    tickAfter(SECOND);
    List<String> several = texts();
    topology.statuses();
    topology.define(
        Harness.area(AREA, PUSHES, 3, Harness.plan(null, "notify", "${event.title}"), true));
    happen(PUSHES, "p2", "{\"title\":\"one\"}");

    // then
    assertThat(early).isEmpty();
    assertThat(several).containsExactly("several");
    assertThat(texts()).containsExactly("one");
    assertThat(told())
        .containsExactlyInAnyOrder(AREA + " REMOVED", ALARMS + " REMOVED", PUSHES + " APPLIED");
    assertThat(rows(TaskStores.HOPS)).isZero();
  }

  @Test
  void aDeletedAreaIsNowhereAndNothingOfItIsKept() {
    // given
    topology.define(sequence(1));
    happen(PUSHES, "p1", "{\"main\":true,\"title\":\"one\"}");
    tickAfter(SECOND);
    topology.statuses();

    // when
    topology.define(deleted(sequence(2)));
    happen(ALARMS, "a1", "{\"title\":\"disk\"}");
    tickAfter(SECOND.multipliedBy(10));
    topology.purge(AREA);
    tickAfter(SECOND);

    // then
    assertThat(told())
        .containsOnly(AREA + " REMOVED", PUSHES + " REMOVED", ALARMS + " REMOVED")
        .hasSize(6);
    assertThat(topology.commands()).isEmpty();
    for (String store :
        List.of(
            TaskStores.DEFINITIONS,
            TaskStores.HOPS,
            TaskStores.MEMORIES,
            TaskStores.KEPT_EVENTS,
            TaskStores.AREA_TIMERS,
            TaskStores.WAITING_EVENTS,
            TaskStores.USAGES,
            TaskStores.PLACEMENTS)) {
      assertThat(rows(store)).as(store).isZero();
    }
  }

  @Test
  void aDisabledAreaOfSeveralDoesNotFire() {
    // given
    AreaRow row = sequence(2);
    topology.define(
        new AreaRow(
            AREA,
            row.ownerId(),
            row.hookId(),
            row.name(),
            row.plan(),
            2,
            false,
            null,
            null,
            row.listens(),
            null));

    // when
    happen(PUSHES, "p1", "{\"main\":true,\"title\":\"one\"}");
    happen(ALARMS, "a1", "{\"title\":\"disk\"}");
    tickAfter(SECOND);

    // then
    assertThat(topology.commands()).isEmpty();
    assertThat(topology.runs()).isEmpty();
  }

  @Test
  void homesThatAnUnseenRowNamesAreLeft() {
    // given
    AreaRow row = sequence(7);

    // when
    topology.define(
        new AreaRow(
            AREA,
            row.ownerId(),
            row.hookId(),
            row.name(),
            row.plan(),
            7,
            true,
            null,
            null,
            row.listens(),
            "[\"%s\",\"%s\"]".formatted(HOOK, PUSHES)));

    // then
    assertThat(told())
        .containsExactlyInAnyOrder(
            HOOK + " REMOVED", AREA + " APPLIED", PUSHES + " APPLIED", ALARMS + " APPLIED");
  }

  /** Of two partitions: here is the first, with the AREA's home and one of its hooks. */
  private static final class Elsewhere {
    static final int PARTITION = 1;
    static final String AREA_HERE = ofPartition("area-", 0);
    static final String HOOK_HERE = ofPartition("hook-", 0);
    static final String HOOK_ELSEWHERE = ofPartition("hook-", PARTITION);

    private static String ofPartition(String prefix, int partition) {
      int i = 0;
      while (AreaflowTopology.partitionOf(prefix + i, 2) != partition) {
        i++;
      }
      return prefix + i;
    }

    static AreaRow area(RulePlan rule) {
      AreaRow row =
          ActionsTest.area(1, rule, null, TEXT, HOOK_HERE, "alarm", HOOK_ELSEWHERE, "pushed");
      return new AreaRow(
          AREA_HERE,
          row.ownerId(),
          row.hookId(),
          row.name(),
          row.plan(),
          1,
          true,
          null,
          null,
          row.listens(),
          null);
    }
  }

  private void openWithTwoPartitions() {
    topology.close();
    topology = Harness.with(directory, Map.of("topics.partitions", "2"));
  }

  private Arrived pushedElsewhere(String id, Duration after) {
    return new Arrived(
        Elsewhere.AREA_HERE,
        "pushed",
        START.plus(after),
        Elsewhere.PARTITION,
        7,
        Harness.event(
            id,
            Elsewhere.HOOK_ELSEWHERE,
            EventSource.WEBHOOK,
            "{\"main\":true,\"title\":\"late\"}"));
  }

  @Test
  void eventsCountInTheOrderInWhichTheyArrivedAtTheirHooks() {
    // given
    openWithTwoPartitions();
    topology.define(Elsewhere.area(DEPLOYED_THEN_ALARM));
    tickAfter(SECOND.multipliedBy(20));

    // when
    happen(Elsewhere.HOOK_HERE, "a1", "{\"title\":\"disk\"}");
    tickAfter(SECOND.multipliedBy(20));
    List<RunRecord> early = topology.runs();
    topology.forward(pushedElsewhere("p1", SECOND.multipliedBy(10)));
    topology.forward(new Passed(0, Elsewhere.PARTITION, START.plus(SECOND.multipliedBy(30))));

    // then
    assertThat(early).isEmpty();
    assertThat(texts()).containsExactly("pushed late, alarm disk");
  }

  @Test
  void nothingIsMissedBeforeTheTimeOfAllHooksIsTold() {
    // given
    openWithTwoPartitions();
    topology.define(
        Elsewhere.area(new Absence(HOUR, new Member(null, "alarm"), new Member(null, "pushed"))));
    topology.forward(new Passed(0, Elsewhere.PARTITION, START));
    happen(Elsewhere.HOOK_HERE, "a1", "{\"title\":\"disk\"}");

    // when
    tickAfter(HOUR.multipliedBy(3));
    List<String> early = texts();
    topology.forward(pushedElsewhere("p1", Duration.ofMinutes(59)));
    topology.forward(new Passed(0, Elsewhere.PARTITION, START.plus(HOUR.multipliedBy(3))));

    // then
    assertThat(early).isEmpty();
    assertThat(texts()).isEmpty();
    assertThat(topology.runStatuses()).containsExactly(RunStatus.KEPT, RunStatus.KEPT);
  }

  @Test
  void theTimeOfTheseHooksIsToldWhereTheyAreOnly() {
    // given
    topology.define(sequence(1));
    tickAfter(SECOND);
    long told = topology.records(AreaflowTopology.FORWARDED_TOPIC);

    // when
    topology.define(
        Harness.area("area-2", HOOK, 1, Harness.plan(null, "notify", "${event.title}"), true));
    AreaRow row = sequence(2);
    topology.define(deleted(row));
    topology.records(AreaflowTopology.FORWARDED_TOPIC);
    tickAfter(SECOND);
    happen(HOOK, "e1", "{\"title\":\"one\"}");

    // then
    assertThat(told).isPositive();
    assertThat(topology.records(AreaflowTopology.FORWARDED_TOPIC)).isZero();
  }

  @Test
  void theRuleTellsOfItselfAtTheAreasOwnTime() {
    // given
    topology.define(sequence(4));

    // when
    happen(PUSHES, "p1", "{\"main\":true,\"title\":\"one\"}");
    tickAfter(SECOND);
    tickAfter(SECOND.multipliedBy(10));

    // then
    AreaStatus told =
        topology.statuses().stream()
            .filter(status -> status.getRule().isPresent())
            .reduce((one, other) -> other)
            .orElseThrow();
    assertThat(told.getHome()).isEqualTo(AREA);
    assertThat(told.getVersion()).isEqualTo(4);
    assertThat(told.getRule().orElseThrow().getEvents()).isEqualTo(1);
  }
}
