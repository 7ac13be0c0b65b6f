package dev.areaflow.ingest.requests;

import dev.areaflow.ingest.requests.ReplayAhead.Item;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.ReplayProgress;
import dev.areaflow.schemas.backtest.BacktestEndedException;
import dev.areaflow.schemas.backtest.ReplayLine;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replay of an AREA that has a rule, or several hooks: it writes what a simulation of the AREA
 * finds, to the AREA's home.
 */
final class SimulatedReplay implements LiveReplay {
  private static final Logger LOG = LoggerFactory.getLogger(SimulatedReplay.class);

  private final ReplayAhead ahead;
  private final Pace pace;
  private final Serializer<Event> writer;

  /**
   * @param replay a live one
   * @param ahead finds what it has not written yet; closed with this
   */
  SimulatedReplay(Replay replay, ReplayAhead ahead, TopicSerdes serdes, long nowNanos) {
    this.ahead = ahead;
    this.pace = new Pace(replay.progress().getPerSecond(), nowNanos);
    this.writer = serdes.values(Topics.EVENTS).serializer();
  }

  /**
   * @throws BacktestEndedException if the simulation reached a bound
   */
  @Override
  public Turn turn(Replay before, int most, long nowNanos, Instant now) {
    ahead.check();
    List<ProducerRecord<byte[], byte[]>> written = new ArrayList<>();
    Replay replay = before;
    int room = replay.room();
    int due = Math.min(Math.min(pace.due(nowNanos), most), room);
    long bytes = 0;
    for (@Nullable Item item = ahead.peek(); item != null; item = ahead.peek()) {
      boolean mayWrite = written.size() < due && bytes < RequestTransaction.MOST_BYTES;
      if (item.line() instanceof ReplayLine.Found && !mayWrite) {
        break;
      }
      ahead.remove();
      switch (item.line()) {
        case ReplayLine.Begun(var of) ->
            replay = replay.isPlaced() ? replay : replay.placed(0, of, now);
        case ReplayLine.Progress(var read) ->
            replay = replay.reached(read(replay, read), 0, 0, now);
        case ReplayLine.Found found -> {
          ProducerRecord<byte[], byte[]> record = record(replay.progress(), item, found.event());
          boolean isTooLarge = RequestTransaction.isTooLarge(record);
          if (isTooLarge) {
            LOG.warn(
                "replay {}: what fired at {} has {} bytes, which no message takes, and is left out",
                replay.id(),
                found.at(),
                RequestTransaction.size(record));
          } else {
            written.add(record);
            bytes += RequestTransaction.size(record);
          }
          replay =
              replay
                  .reached(
                      read(replay, found.read()),
                      isTooLarge ? 0 : 1,
                      item.skipped() + (isTooLarge ? 1 : 0),
                      now)
                  .reachedTime(found.at(), item.then());
        }
        case ReplayLine.Ended _ ->
            replay =
                replay.reached(replay.progress().getEnd(), 0, item.skipped(), now).finished(now);
      }
    }
    pace.spend(written.size(), nowNanos);
    if (replay.isLive() && written.size() == room) {
      replay = replay.failed(STOPPED, now);
    }
    return new Turn(replay, written);
  }

  /** Whoever goes on after another reads anew, but what is shown never goes back. */
  private static long read(Replay replay, long read) {
    return Math.min(
        Math.max(replay.progress().getNext(), read), Math.max(0, replay.progress().getEnd() - 1));
  }

  private ProducerRecord<byte[], byte[]> record(ReplayProgress asked, Item item, Event event) {
    Event.Builder again =
        Event.newBuilder(event)
            .setGeneration(asked.getGeneration())
            .setOnlyArea(asked.getAreaId())
            .setReplayId(asked.getReplayId())
            .setForced(asked.getForced());
    if (event.getFiring().isPresent()) {
      // what is found again has the same id, so that it is decided once however often it is written
      again.setId(asked.getReplayId() + "/" + item.at().toEpochMilli() + "-" + item.then());
    }
    return Reruns.record(Replay.home(asked), again.build(), writer);
  }

  @Override
  public void close() {
    ahead.close();
  }
}
