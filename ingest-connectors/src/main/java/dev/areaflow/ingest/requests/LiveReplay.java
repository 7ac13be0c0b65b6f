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

/**
 * A replay that goes on in this process: it reads ahead a little, and writes as its pace lets it.
 * For one thread. Where what a turn made is not committed, whoever has it must begin anew.
 */
final class LiveReplay {
  private static final Duration LONGEST_LOOK = Duration.ofMillis(100);

  private static final String STOPPED =
      "A replay stops after %d events; resume it to go on where it stopped."
          .formatted(Replay.MOST_EVENTS);

  private final ReplayedEvents events;
  private final Pace pace;
  private final Deque<ConsumerRecord<byte[], byte[]>> ahead = new ArrayDeque<>();
  private Replay replay;
  private long scanned;

  /**
   * @param replay a live one
   */
  LiveReplay(Replay replay, ReplayedEvents events, long nowNanos) {
    this.replay = replay;
    this.events = events;
    this.pace = new Pace(replay.progress().getPerSecond(), nowNanos);
    this.scanned = replay.progress().getNext();
  }

  /**
   * What a turn made.
   *
   * @param replay as it stands then; the same as before where nothing happened
   * @param written events to write
   */
  record Turn(Replay replay, List<ProducerRecord<byte[], byte[]>> written) {
    Turn {
      written = List.copyOf(written);
    }
  }

  /** Goes on for a moment. */
  Turn turn(HookScan scan, long nowNanos, Instant now) {
    List<ProducerRecord<byte[], byte[]>> written = new ArrayList<>();
    if (!replay.isPlaced()) {
      place(scan, now);
    }
    int due = pace.due(nowNanos);
    int room = replay.room();
    int skipped = 0;
    long bytes = 0;
    long until = System.nanoTime() + LONGEST_LOOK.toNanos();
    while (written.size() < due && written.size() < room && bytes < RequestTransaction.MOST_BYTES) {
      if (ahead.isEmpty() && !lookAhead(scan, until)) {
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

  private void place(HookScan scan, Instant now) {
    var asked = replay.progress();
    HookScan.Range range = scan.range(asked.getHookId(), asked.getFrom(), asked.getTo());
    replay = replay.placed(range.begin(), range.end(), now);
    scanned = range.begin();
  }

  /** Reads on; false where there is nothing more for now. */
  private boolean lookAhead(HookScan scan, long untilNanos) {
    long end = replay.progress().getEnd();
    if (scanned >= end || System.nanoTime() - untilNanos >= 0) {
      return false;
    }
    HookScan.Part part = scan.read(replay.progress().getHookId(), scanned, end);
    boolean moved = part.next() > scanned;
    ahead.addAll(part.records());
    scanned = part.next();
    return moved;
  }
}
