package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.AREA;
import static dev.areaflow.topology.Harness.HOOK;
import static dev.areaflow.topology.Harness.area;
import static dev.areaflow.topology.Harness.deleted;
import static dev.areaflow.topology.Harness.event;
import static dev.areaflow.topology.Harness.plan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.AreaState;
import dev.areaflow.schemas.avro.AreaStatus;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.rows.AreaRow;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a saved AREA to the rules that decide at its home. */
final class DefinitionsTest {
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

  @Test
  void aSavedAreaIsAppliedAndReported() {
    // when
    topology.define(area(1, null));

    // then
    assertThat(topology.statuses())
        .singleElement()
        .satisfies(
            status -> {
              assertThat(status.getState()).isEqualTo(AreaState.APPLIED);
              assertThat(status.getVersion()).isEqualTo(1);
              assertThat(status.getHome()).isEqualTo(HOOK);
              assertThat(status.getAt()).isEqualTo(topology.now());
            });
  }

  @Test
  void anOlderVersionNeverRevives() {
    // given
    topology.define(area(AREA, HOOK, 2, plan(null, "s", "new"), false));
    topology.statuses();

    // when
    topology.define(area(AREA, HOOK, 1, plan(null, "s", "old"), true));
    topology.define(area(AREA, HOOK, 2, plan(null, "s", "same"), true));
    topology.happen(event("e1", "{}"));

    // then
    assertThat(topology.statuses()).isEmpty();
    assertThat(topology.commands()).isEmpty();
  }

  @Test
  void theNewestVersionDecides() {
    // given
    topology.define(area(AREA, HOOK, 1, plan(null, "s", "old"), true));
    topology.define(area(AREA, HOOK, 2, plan(null, "s", "new"), true));

    // when
    topology.happen(event("e1", "{}"));

    // then
    assertThat(Harness.inputs(topology.command()).get("text").asText()).isEqualTo("new");
  }

  @Test
  void aDisabledAreaIsAppliedAndDoesNotDecide() {
    // when
    topology.define(area(AREA, HOOK, 1, plan(null, "s", "x"), false));
    topology.happen(event("e1", "{}"));

    // then
    assertThat(topology.statuses().getFirst().getState()).isEqualTo(AreaState.APPLIED);
    assertThat(topology.runs()).isEmpty();
  }

  @Test
  void aDeletedAreaIsRemovedAndItsReplayToo() {
    // given
    AreaRow row = area(1, null);
    topology.define(row);
    topology.define(deleted(row, 2));

    // when
    topology.define(row);
    topology.happen(event("e1", "{\"title\":\"bug\"}"));

    // then
    assertThat(topology.statuses().stream().map(AreaStatus::getState))
        .containsExactly(AreaState.APPLIED, AreaState.REMOVED);
    assertThat(topology.runs()).isEmpty();
  }

  @Test
  void aMovedAreaLeavesItsOldHome() {
    // given
    topology.define(area(AREA, HOOK, 1, plan(null, "s", "x"), true));
    topology.statuses();

    // when
    topology.define(area(AREA, "hook-2", 2, plan(null, "s", "x"), true));
    topology.happen(event("e1", HOOK, EventSource.WEBHOOK, "{}"));
    topology.happen(event("e2", "hook-2", EventSource.WEBHOOK, "{}"));

    // then
    assertThat(topology.statuses().stream().map(s -> s.getHome() + " " + s.getState()))
        .containsExactly("hook-1 REMOVED", "hook-2 APPLIED");
    assertThat(topology.command().getEventId()).isEqualTo("e2");
  }

  @Test
  void aHomeThatWasLeftBeforeItsAreaWasHeardOfSaysSoToo() {
    // given
    AreaRow row = area(AREA, "hook-2", 2, plan(null, "s", "x"), true);

    // when
    topology.define(moved(row, HOOK, 2));
    topology.define(moved(row, HOOK, 3));

    // then
    assertThat(
            topology.statuses().stream()
                .map(s -> s.getHome() + " " + s.getState() + " " + s.getVersion()))
        .containsExactly(
            "hook-1 REMOVED 2", "hook-2 APPLIED 2", "hook-1 REMOVED 3", "hook-2 APPLIED 3");
  }

  @Test
  void everyHomeThatWasLeftSaysSoWhereAMoveWasMissed() {
    // given
    topology.define(area(AREA, HOOK, 1, plan(null, "s", "x"), true));
    topology.statuses();

    // when
    topology.define(moved(area(AREA, "hook-3", 3, plan(null, "s", "x"), true), "hook-2", 3));

    // then
    assertThat(topology.statuses().stream().map(s -> s.getHome() + " " + s.getState()))
        .containsExactlyInAnyOrder("hook-1 REMOVED", "hook-2 REMOVED", "hook-3 APPLIED");
  }

  private static AreaRow moved(AreaRow row, String leftHome, long version) {
    return new AreaRow(
        row.id(),
        row.ownerId(),
        row.hookId(),
        row.name(),
        row.plan(),
        version,
        row.enabled(),
        row.deletedAt(),
        leftHome);
  }

  @Test
  void anAreaCanMoveBack() {
    // given
    topology.define(area(AREA, HOOK, 1, plan(null, "s", "x"), true));
    topology.define(area(AREA, "hook-2", 2, plan(null, "s", "x"), true));

    // when
    topology.define(area(AREA, HOOK, 3, plan(null, "s", "x"), true));
    topology.happen(event("e1", HOOK, EventSource.WEBHOOK, "{}"));
    topology.happen(event("e2", "hook-2", EventSource.WEBHOOK, "{}"));

    // then
    assertThat(topology.command().getEventId()).isEqualTo("e1");
  }

  @Test
  void everyChangeIsSeenByTheNextEvent() {
    // given
    AreaRow first = area(AREA, HOOK, 1, plan(null, "s", "old"), true);
    topology.happen(event("e1", "{}"));
    topology.define(first);
    topology.happen(event("e2", "{}"));
    topology.define(area(AREA, HOOK, 2, plan(null, "s", "new"), true));
    topology.happen(event("e3", "{}"));
    topology.define(deleted(first, 3));

    // when
    topology.happen(event("e4", "{}"));

    // then
    assertThat(topology.commands().stream().map(c -> Harness.inputs(c).get("text").asText()))
        .containsExactly("old", "new");
  }

  @Test
  void aPlanThatCannotBeExecutedIsRejectedAndReplacesTheOldOne() {
    // given
    topology.define(area(1, null));
    topology.statuses();

    // when
    topology.define(area(2, "event.title =="));
    topology.happen(event("e1", "{\"title\":\"bug\"}"));

    // then
    AreaStatus status = topology.statuses().getFirst();
    assertThat(status.getState()).isEqualTo(AreaState.REJECTED);
    assertThat(status.getReason()).isPresent();
    assertThat(topology.commands()).isEmpty();
    assertThat(topology.deadLetters()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "{}",
        "{\"steps\":[null]}",
        "{\"steps\":[{\"id\":\"s\",\"service\":\"http\",\"reaction\":\"request\",\"urlInputs\":[]}]}"
      })
  void aPlanThatLacksSomethingIsRejected(String plan) {
    // when
    topology.define(new AreaRow(AREA, "owner-1", HOOK, "name", plan, 1, true, null, null));
    topology.happen(event("e1", "{}"));

    // then
    assertThat(topology.statuses())
        .singleElement()
        .matches(status -> status.getState() == AreaState.REJECTED)
        .matches(status -> status.getReason().isPresent());
    assertThat(topology.deadLetters()).isEmpty();
    assertThat(topology.runs()).isEmpty();
  }

  @Test
  void aPurgedRowIsForgottenWherever() {
    // given
    topology.define(area(1, null));

    // when
    topology.purge(AREA);
    topology.happen(event("e1", "{\"title\":\"bug\"}"));

    // then
    assertThat(topology.commands()).isEmpty();
    assertThat(topology.driver().getKeyValueStore(TaskStores.PLACEMENTS).approximateNumEntries())
        .isZero();
  }

  @Test
  void aRunInFlightKeepsTheDefinitionOfItsArrival() {
    // given
    topology.define(area(AREA, HOOK, 1, plan(null, "s", "old"), true));
    topology.happen(event("e1", "{}"));
    var first = topology.command();

    // when
    topology.define(area(AREA, HOOK, 2, plan(null, "other", "new"), true));
    topology.fail(first, ErrorClass.RETRYABLE);
    topology.pass(Duration.ofSeconds(7));

    // then
    var second = topology.command();
    assertThat(second.getAreaVersion()).isEqualTo(1);
    assertThat(second.getInputs()).isEqualTo(first.getInputs());
  }
}
