package dev.areaflow.ingest.requests;

import dev.areaflow.ingest.requests.ReplayedEvents.Fate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A replay that writes the events of one hook again, each by itself. */
final class HookReplay implements LiveReplay {
  private static final Duration LONGEST_LOOK = Duration.ofMillis(100);

  private final ReplayedEvents events;
  private final KeyScan scan;
  private final Pace pace;
  private final Deque<ConsumerRecord<byte[], byte[]>> ahead = new ArrayDeque<>();
  private long scanned;

  /**
   * @param replay a live one
   * @param scan of events; stays the caller's
   */
  HookReplay(Replay replay, ReplayedEvents events, KeyScan scan, long nowNanos) {
    this.events = events;
    this.scan = scan;
    this.pace = new Pace(replay.progress().getPerSecond(), nowNanos);
    this.scanned = replay.progress().getNext();
  }

  @Override
  public Turn turn(Replay before, int most, long nowNanos, Instant now) {
    List<ProducerRecord<byte[], byte[]>> written = new ArrayList<>();
    Replay replay = before.isPlaced() ? before : place(before, now);
    int room = replay.room();
    int due = Math.min(Math.min(pace.due(nowNanos), most), room);
    int skipped = 0;
    long bytes = 0;
    long until = System.nanoTime() + LONGEST_LOOK.toNanos();
    while (written.size() < due && bytes < RequestTransaction.MOST_BYTES) {
      if (ahead.isEmpty() && !lookAhead(replay, until)) {
        break;
      }
      ConsumerRecord<byte[], byte[]> record = ahead.poll();
      if (record == null) {
        continue;
      }
      switch (events.fate(record)) {
        case Fate.Written(var again) -> {
          written.add(again);
          bytes += RequestTransaction.size(again);
        }
        case Fate.Skipped() -> skipped++;
        case Fate.Ignored() -> {}
      }
      if (events.isComplete()) {
        ahead.clear();
        scanned = replay.progress().getEnd();
      }
    }
    pace.spend(written.size(), nowNanos);
    long next = ahead.isEmpty() ? scanned : ahead.getFirst().offset();
    replay = replay.reached(next, written.size(), skipped, now);
    if (next >= replay.progress().getEnd()) {
      replay = replay.finished(now);
    } else if (written.size() == room) {
      replay = replay.failed(STOPPED, now);
    }
    return new Turn(replay, written);
  }

  private Replay place(Replay replay, Instant now) {
    var asked = replay.progress();
    KeyScan.Range range = scan.range(asked.getHookId(), asked.getFrom(), asked.getTo());
    scanned = range.begin();
    return replay.placed(range.begin(), range.end(), now);
  }

  /** Reads on; false where there is nothing more for now. */
  private boolean lookAhead(Replay replay, long untilNanos) {
    long end = replay.progress().getEnd();
    if (scanned >= end || System.nanoTime() - untilNanos >= 0) {
      return false;
    }
    KeyScan.Part part = scan.read(replay.progress().getHookId(), scanned, end);
    boolean moved = part.next() > scanned;
    ahead.addAll(part.records());
    scanned = part.next();
    return moved;
  }

  @Override
  public void close() {
    // it has nothing of its own
  }
}
