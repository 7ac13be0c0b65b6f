package dev.areaflow.api.projections;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.api.TestDatabase;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.topics.Records;
import dev.areaflow.schemas.avro.HookActivity;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The figures that are added up, held against the rows that they are of. */
final class RunFiguresTest {
  private final Database database = TestDatabase.migrated();
  private final Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
  private final UUID owner = UUID.randomUUID();
  private final UUID area = UUID.randomUUID();
  private final UUID hook = UUID.randomUUID();
  private final RunProjection runs =
      new RunProjection(
          new RunPartitions(database, Clock.systemUTC(), Duration.ofDays(90)), Clock.systemUTC());

  @AfterEach
  void close() {
    database.close();
  }

  private Records.Run run(String event) {
    return Records.run(owner, area, hook, event, hour.plusSeconds(event.hashCode() % 600));
  }

  private void write(RunRecord... records) {
    runs.prepare(List.of(records));
    database
        .jdbi()
        .useTransaction(
            handle ->
                runs.apply(
                    handle,
                    Arrays.stream(records).map(record -> new Placed<>(record, 0, 0)).toList()));
  }

  private List<Map<String, Object>> rows(String query) {
    return database.jdbi().withHandle(handle -> handle.createQuery(query).mapToMap().list());
  }

  private Map<String, Object> hour() {
    return rows("SELECT * FROM run_hours").getFirst();
  }

  @Test
  void aRunIsCountedWhereItIsNow() {
    // given
    write(run("a").build(), run("b").build());

    // when
    write(
        run("a").transition(1).status(RunStatus.FAILED).build(),
        run("b").transition(1).status(RunStatus.SUCCEEDED).build());
    write(run("a").transition(2).build());

    // then
    assertThat(hour())
        .containsEntry("events", 2L)
        .containsEntry("matches", 2L)
        .containsEntry("running", 1L)
        .containsEntry("succeeded", 1L)
        .containsEntry("failed", 0L)
        .containsEntry("service", "");
    assertThat(rows("SELECT runs FROM run_latencies")).containsExactly(Map.of("runs", 1));
  }

  @Test
  void whatComesTwiceIsCountedOnce() {
    // given
    RunRecord succeeded = run("a").transition(3).status(RunStatus.SUCCEEDED).build();

    // when
    write(succeeded, succeeded);
    write(succeeded);
    write(run("a").build());

    // then
    assertThat(hour()).containsEntry("matches", 1L).containsEntry("succeeded", 1L);
    assertThat(rows("SELECT runs FROM run_latencies")).containsExactly(Map.of("runs", 1));
  }

  @Test
  void anEventWithoutARunIsAnEventAndARerunIsNone() {
    // when
    write(
        run("a").status(RunStatus.FILTERED).build(),
        run("b").status(RunStatus.KEPT).build(),
        run("c").status(RunStatus.DUPLICATE).build(),
        run("d").status(RunStatus.FILTERED).generation(1).build(),
        run("e").generation(1).build(),
        run("f").at(0, -1).build());

    // then
    assertThat(hour())
        .containsEntry("events", 2L)
        .containsEntry("matches", 1L)
        .containsEntry("running", 2L);
  }

  @Test
  void aVerdictWithoutIdsIsLeftOut() {
    // given
    RunRecord damaged =
        RunRecord.newBuilder(run("a").status(RunStatus.FILTERED).build())
            .setOwnerId("nobody")
            .build();

    // when
    write(damaged, run("b").status(RunStatus.FILTERED).build());

    // then
    assertThat(hour()).containsEntry("events", 1L);
  }

  @Test
  void whateverTheOrderTheFiguresAreThoseOfTheRows() {
    // given
    Random random = new Random(7);
    RunStatus[] statuses = {
      RunStatus.QUEUED,
      RunStatus.RUNNING,
      RunStatus.SUCCEEDED,
      RunStatus.FAILED,
      RunStatus.CANCELLED
    };

    // when
    for (int batch = 0; batch < 20; batch++) {
      RunRecord[] records = new RunRecord[50];
      for (int i = 0; i < records.length; i++) {
        records[i] =
            run("e" + random.nextInt(40))
                .transition(random.nextInt(30))
                .status(statuses[random.nextInt(statuses.length)])
                .build();
      }
      write(records);
    }

    // then
    assertThat(rows("SELECT queued, running, succeeded, failed, cancelled FROM run_hours"))
        .isEqualTo(
            rows(
                "SELECT count(*) FILTER (WHERE status = 'queued') AS queued,"
                    + " count(*) FILTER (WHERE status = 'running') AS running,"
                    + " count(*) FILTER (WHERE status = 'succeeded') AS succeeded,"
                    + " count(*) FILTER (WHERE status = 'failed') AS failed,"
                    + " count(*) FILTER (WHERE status = 'cancelled') AS cancelled FROM runs"));
    assertThat(rows("SELECT CAST(sum(runs) AS bigint) AS runs FROM run_latencies"))
        .isEqualTo(
            rows("SELECT count(*) AS runs FROM runs WHERE status IN ('succeeded', 'failed')"));
  }

  @Test
  void deliveriesAreCountedInTheirHour() {
    // given
    database
        .jdbi()
        .useHandle(
            handle -> {
              handle.execute(
                  "INSERT INTO users (id, email, role, created_at)"
                      + " VALUES (?, 'a@example.org', 'user', now())",
                  owner);
              handle.execute(
                  "INSERT INTO hooks (id, owner_id, service, action, inputs, created_at,"
                      + " updated_at) VALUES (?, ?, 'github', 'push', '{}', now(), now())",
                  hook,
                  owner);
            });
    List<Placed<HookActivity>> batch =
        List.of(
            placed(hook, hour.plusSeconds(1), 2),
            placed(hook, hour.plusSeconds(2), 3),
            placed(hook, hour.minusSeconds(1), 5),
            placed(UUID.randomUUID(), hour, 7));

    // when
    database.jdbi().useTransaction(handle -> new ActivityProjection().apply(handle, batch));

    // then
    assertThat(rows("SELECT accepted, ignored, refused, service FROM hook_hours ORDER BY hour"))
        .containsExactly(
            Map.of("accepted", 5L, "ignored", 1L, "refused", 2L, "service", "github"),
            Map.of("accepted", 5L, "ignored", 2L, "refused", 4L, "service", "github"));
  }

  private static Placed<HookActivity> placed(UUID hook, Instant at, long accepted) {
    return new Placed<>(
        new HookActivity(hook.toString(), at, accepted, 1L, Map.of("signature", 2L)), 0, 0);
  }
}
