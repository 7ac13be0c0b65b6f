package dev.areaflow.ingest.requests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How much of a replay goes on, where runs of its AREA go one after the other. */
final class RunEndsTest {
  private static final Instant NOW = Instant.parse("2026-07-01T10:00:00Z");
  private static final String RUNS = Topics.RUNS.name();
  private static final int PARTITION = Topic.partitionOf("area-1", 2);

  private final LocalSerdes serdes = new LocalSerdes();
  private final KeptLog log = new KeptLog();
  private final KeyScan scan = new KeyScan(Topics.RUNS, log.consumer());
  private final RunEnds ends = new RunEnds(scan, serdes);
  private int told;

  @AfterEach
  void close() {
    scan.close();
  }

  private static Replay serial() {
    return Replay.asked(
            new RequestBody.Replay(
                "replay-1",
                "area-1",
                "hook-1",
                4,
                NOW,
                NOW,
                List.of(),
                null,
                true,
                10,
                null,
                null,
                null,
                true),
            "owner-1",
            NOW)
        .placed(0, 100, NOW);
  }

  private void tell(String area, @Nullable String replay, RunStatus status) {
    tell("run-" + told++, area, replay, status);
  }

  private void tell(String id, String area, @Nullable String replay, RunStatus status) {
    RunRecord run =
        RunRecord.newBuilder()
            .setRunId(id)
            .setAreaId(area)
            .setReplayId(replay)
            .setStatus(status)
            .build();
    log.append(
        RUNS,
        PARTITION,
        area.getBytes(UTF_8),
        serdes.values(Topics.RUNS).serializer().serialize(RUNS, run),
        new RecordHeaders());
  }

  /** Each look finds a record of this log. */
  private Replay countedAll(Replay replay) {
    Replay before = replay;
    Replay after = ends.counted(before);
    while (!after.equals(before)) {
      before = after;
      after = ends.counted(before);
    }
    return after;
  }

  @Test
  void asManyMayGoOnAsHaveEndedAndFewMore() {
    // given
    tell("area-1", "replay-1", RunStatus.SUCCEEDED);
    Replay begun = ends.counted(serial());
    Replay sent = begun.reached(50, 10, 0, NOW);
    tell("area-1", "replay-1", RunStatus.QUEUED);
    tell("area-1", "replay-1", RunStatus.RUNNING);
    tell("area-1", "replay-1", RunStatus.SUCCEEDED);
    tell("area-1", "replay-1", RunStatus.FILTERED);
    tell("area-1", "replay-2", RunStatus.SUCCEEDED);
    tell("area-1", null, RunStatus.SUCCEEDED);
    tell("area-2", "replay-1", RunStatus.SUCCEEDED);

    // when
    Replay counted = countedAll(sent);

    // then
    assertThat(begun.mayWait()).isEqualTo(10);
    assertThat(sent.mayWait()).isZero();
    assertThat(counted.mayWait()).isEqualTo(2);
    assertThat(counted.progress().getEnded()).isEqualTo(2);
    assertThat(ends.counted(counted)).isEqualTo(counted);
  }

  @Test
  void whatCannotBeReadIsNotCounted() {
    // given
    Replay sent = ends.counted(serial()).reached(50, 10, 0, NOW);
    log.append(RUNS, PARTITION, "area-1".getBytes(UTF_8), new byte[] {1}, new RecordHeaders());
    tell("area-1", "replay-1", RunStatus.FAILED);

    // when
    Replay counted = countedAll(sent);

    // then
    assertThat(counted.mayWait()).isEqualTo(1);
  }

  @Test
  void whatIsRetriedGoesOnAgainAndEndsOnce() {
    // given
    Replay sent = ends.counted(serial()).reached(50, 10, 0, NOW);
    tell("run-a", "area-1", "replay-1", RunStatus.FAILED);
    tell("run-b", "area-1", "replay-1", RunStatus.CANCELLED);
    Replay failed = countedAll(sent);

    // when
    tell("run-a", "area-1", "replay-1", RunStatus.QUEUED);
    tell("run-b", "area-1", "replay-1", RunStatus.RUNNING);
    tell("run-a", "area-1", "replay-1", RunStatus.RUNNING);
    Replay retried = countedAll(failed);
    tell("run-a", "area-1", "replay-1", RunStatus.SUCCEEDED);
    tell("run-b", "area-1", "replay-1", RunStatus.FAILED);
    Replay ended = countedAll(retried);

    // then
    assertThat(failed.mayWait()).isEqualTo(2);
    assertThat(retried.mayWait()).isZero();
    assertThat(ended.mayWait()).isEqualTo(2);
  }

  @Test
  void whoeverResumesItDoesNotWaitForEndsThatNobodyTells() {
    // given
    Replay stuck = ends.counted(serial()).reached(50, 10, 0, NOW);

    // when
    Replay resumed =
        stuck.cancelled(NOW.plusSeconds(1), NOW).resumed(NOW.plusSeconds(2), NOW.plusSeconds(2));

    // then
    assertThat(stuck.mayWait()).isZero();
    assertThat(ends.counted(resumed).mayWait()).isEqualTo(10);
  }
}
