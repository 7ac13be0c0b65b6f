package dev.areaflow.ingest.requests;

import dev.areaflow.schemas.avro.ReplayProgress;
import dev.areaflow.schemas.avro.ReplayStatus;
import java.time.Instant;

/**
 * A replay as it stands: what was asked for, and how far it is. A value; each transition gives the
 * next one, or the same where it changes nothing.
 */
record Replay(ReplayProgress progress) {
  /** After so many events it stops, until it is resumed. */
  static final int MOST_EVENTS = 100_000;

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
            .setStatus(ReplayStatus.RUNNING)
            .setAskedAt(askedAt)
            .setAt(askedAt)
            .build());
  }

  String id() {
    return progress.getReplayId();
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

  /** Going on where it stopped. */
  Replay resumed(Instant askedAt, Instant now) {
    return switch (progress.getStatus()) {
      case CANCELLED, FAILED ->
          new Replay(
              to(now).setStatus(ReplayStatus.RUNNING).setError(null).setAskedAt(askedAt).build());
      case RUNNING, FINISHED, UNKNOWN -> this;
    };
  }

  private ReplayProgress.Builder to(Instant now) {
    return ReplayProgress.newBuilder(progress).setAt(now);
  }
}
