package dev.areaflow.ingest.requests;

import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A replay that goes on in this process: it reads ahead a little, and writes as its pace lets it.
 * For one thread. Where what a turn made is not committed, whoever has it must begin anew.
 */
interface LiveReplay extends AutoCloseable {
  /** Why a replay stops that has written as many events as one may. */
  String STOPPED =
      "A replay stops after %d events; resume it to go on where it stopped."
          .formatted(Replay.MOST_EVENTS);

  /**
   * What a turn made.
   *
   * @param replay as it stands then; the same as before where nothing happened
   * @param written events to write
   */
  record Turn(Replay replay, List<ProducerRecord<byte[], byte[]>> written) {
    public Turn {
      written = List.copyOf(written);
    }
  }

  /**
   * Goes on for a moment.
   *
   * @param replay as it stands: as the last turn left it
   * @param most events that it may write now, beside what its pace says
   * @param nowNanos of a clock that only its differences matter of
   */
  Turn turn(Replay replay, int most, long nowNanos, Instant now);

  /** Ends what it does beside its turns. */
  @Override
  void close();
}
