package dev.areaflow.ingest.requests;

import dev.areaflow.schemas.avro.ReplayProgress;
import dev.areaflow.schemas.avro.ReplayStatus;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.Selection;
import dev.areaflow.schemas.rows.AreaRow;
import java.time.Instant;
import java.util.Map;

/**
 * A replay as it stands: what was asked for, and how far it is. A value; each transition gives the
 * next one, or the same where it changes nothing.
 */
record Replay(ReplayProgress progress) {
  /** After so many events it stops, until it is resumed. */
  static final int MOST_EVENTS = 100_000;

  /** Runs of one replay that wait for one another, where the AREA's go one after the other. */
  static final int MOST_WAITING = 10;

  /** One that has just been asked for. */
  static Replay asked(RequestBody.Replay body, String ownerId, Instant askedAt) {
    return new Replay(
        ReplayProgress.newBuilder()
            .setReplayId(body.replayId())
            .setOwnerId(ownerId)
            .setAreaId(body.areaId())
            .setHookId(body.hookId())
            .setGeneration(body.generation())
            .setFrom(body.from())
            .setTo(body.to())
            .setEventIds(body.eventIds())
            .setWhen(body.when())
            .setForced(body.force())
            .setPerSecond(body.perSecond())
            .setPlan(body.plan())
            .setListens(body.listens())
            .setRulesFrom(body.rulesFrom() == null ? body.from() : body.rulesFrom())
            .setSerial(Boolean.TRUE.equals(body.serial()))
            .setStatus(ReplayStatus.RUNNING)
            .setAskedAt(askedAt)
            .setAt(askedAt)
            .build());
  }

  String id() {
    return progress.getReplayId();
  }

  /** Where its AREA is at home: at its hook, or, where it listens to several, at its own id. */
  static String home(ReplayProgress asked) {
    return asked.getListens().isPresent() ? asked.getAreaId() : asked.getHookId();
  }

  /** Whether its AREA has a rule, or several hooks: a simulation finds what is to be written. */
  boolean isSimulated() {
    return progress.getPlan().isPresent();
  }

  /** What is simulated. */
  Backtest simulated() {
    AreaRow area =
        new AreaRow(
            progress.getAreaId(),
            progress.getOwnerId(),
            progress.getHookId(),
            "",
            progress.getPlan().orElseThrow(),
            1,
            true,
            null,
            null,
            progress.getListens().orElse(null),
            null);
    return new Backtest(
        area,
        progress.getRulesFrom(),
        progress.getFrom(),
        progress.getTo(),
        new Selection(progress.getEventIds(), progress.getWhen().orElse(null)),
        Backtest.Manner.REPLAY,
        Map.of());
  }

  /** How many events it may write now, where its runs go one after the other. */
  int mayWait() {
    return progress.getSerial()
        ? Math.clamp(MOST_WAITING - progress.getSent() + progress.getEnded(), 0, MOST_WAITING)
        : Integer.MAX_VALUE;
  }

  boolean isLive() {
    return progress.getStatus() == ReplayStatus.RUNNING;
  }

  /** Whether it is known where it begins and ends. */
  boolean isPlaced() {
    return progress.getBegin() >= 0;
  }

  /** Whether what is asked now is known already: change data capture may bring it again. */
  boolean knows(Instant askedAt) {
    return !askedAt.isAfter(progress.getAskedAt());
  }

  /**
   * @param begin offset where it begins
   * @param end offset before which it ends
   */
  Replay placed(long begin, long end, Instant now) {
    return new Replay(to(now).setBegin(begin).setNext(begin).setEnd(end).build());
  }

  /**
   * @param next offset where it goes on
   * @param sent events written since it stood as it does
   * @param skipped events not written since then
   */
  Replay reached(long next, int sent, int skipped, Instant now) {
    return next == progress.getNext() && sent == 0 && skipped == 0
        ? this
        : new Replay(
            to(now)
                .setNext(next)
                .setSent(progress.getSent() + sent)
                .setSkipped(progress.getSkipped() + skipped)
                .build());
  }

  /**
   * @param at of the event that was written last
   * @param then how many events of that time were written
   */
  Replay reachedTime(Instant at, int then) {
    return new Replay(
        ReplayProgress.newBuilder(progress).setReachedAt(at).setReachedThen(then).build());
  }

  /**
   * @param more runs that have ended since it stood as it does, less those that go on again
   * @param next offset in the AREA's partition of runs where to go on
   */
  Replay runsEnded(int more, long next) {
    return more == 0 && next == progress.getRunsNext()
        ? this
        : new Replay(
            ReplayProgress.newBuilder(progress)
                .setEnded(Math.clamp(progress.getEnded() + more, 0, progress.getSent()))
                .setRunsNext(next)
                .build());
  }

  /** How many events it may still write before it stops. */
  int room() {
    return MOST_EVENTS - (int) (progress.getSent() % MOST_EVENTS);
  }

  Replay finished(Instant now) {
    return new Replay(to(now).setStatus(ReplayStatus.FINISHED).build());
  }

  Replay failed(String reason, Instant now) {
    return new Replay(to(now).setStatus(ReplayStatus.FAILED).setError(reason).build());
  }

  Replay cancelled(Instant askedAt, Instant now) {
    return isLive()
        ? new Replay(to(now).setStatus(ReplayStatus.CANCELLED).setAskedAt(askedAt).build())
        : this;
  }

  /**
   * Going on where it stopped. What was under way counts as ended, so that it goes on also where
   * nobody will ever be told of an end.
   */
  Replay resumed(Instant askedAt, Instant now) {
    return switch (progress.getStatus()) {
      case CANCELLED, FAILED ->
          new Replay(
              to(now)
                  .setStatus(ReplayStatus.RUNNING)
                  .setError(null)
                  .setAskedAt(askedAt)
                  .setEnded(progress.getSent())
                  .setRunsNext(-1)
                  .build());
      case RUNNING, FINISHED, UNKNOWN -> this;
    };
  }

  private ReplayProgress.Builder to(Instant now) {
    return ReplayProgress.newBuilder(progress).setAt(now);
  }
}
