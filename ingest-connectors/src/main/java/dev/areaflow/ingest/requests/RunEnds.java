package dev.areaflow.ingest.requests;

import dev.areaflow.schemas.avro.ReplayProgress;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what the events of a replay made that has ended: of an AREA whose runs go one after the
 * other no more are written than may wait. A run that is retried goes on again. For one thread.
 */
final class RunEnds {
  /** In one look, so that one replay does not hold up the others. */
  private static final int MOST_READS = 20;

  /** Runs that may be retried, of which it is remembered that they were counted. */
  private static final int MOST_RETRIABLE = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(RunEnds.class);

  private final KeyScan scan;
  private final Deserializer<RunRecord> reader;

  /** Ids of runs that were counted and may yet be retried; the oldest are forgotten. */
  private final Map<String, Boolean> retriable =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > MOST_RETRIABLE;
        }
      };

  /**
   * @param scan of runs; stays the caller's
   */
  RunEnds(KeyScan scan, TopicSerdes serdes) {
    this.scan = scan;
    this.reader = serdes.values(Topics.RUNS).deserializer();
  }

  /** Looks how many have ended by now; what is not committed is looked for again. */
  Replay counted(Replay replay) {
    ReplayProgress known = replay.progress();
    if (known.getRunsNext() < 0) {
      return replay.runsEnded(0, scan.end(known.getAreaId()));
    }
    int ended = 0;
    long next = known.getRunsNext();
    for (int i = 0; i < MOST_READS; i++) {
      KeyScan.Part part = scan.read(known.getAreaId(), next, Long.MAX_VALUE);
      for (ConsumerRecord<byte[], byte[]> record : part.records()) {
        ended += ended(known.getReplayId(), record);
      }
      if (part.next() == next) {
        break;
      }
      next = part.next();
    }
    return replay.runsEnded(ended, next);
  }

  /** 1 where a run ended, -1 where one goes on again that had. */
  private int ended(String replayId, ConsumerRecord<byte[], byte[]> record) {
    try {
      RunRecord run = reader.deserialize(record.topic(), record.headers(), record.value());
      if (!run.getReplayId().equals(Optional.of(replayId))) {
        return 0;
      }
      return switch (run.getStatus()) {
        case QUEUED, RUNNING -> retriable.remove(run.getRunId()) == null ? 0 : -1;
        case FAILED, CANCELLED -> retriable.put(run.getRunId(), true) == null ? 1 : 0;
        case SUCCEEDED, FILTERED, KEPT, DROPPED, DUPLICATE, ERROR ->
            retriable.remove(run.getRunId()) == null ? 1 : 0;
        case UNKNOWN -> 0;
      };
    } catch (RuntimeException e) {
      // serdes throw whatever their libraries do; only an outage says nothing about the record
      Outages.rethrow(e);
      LOG.warn(
          "{}-{}@{} cannot be read: a run that it may be of is not counted",
          record.topic(),
          record.partition(),
          record.offset(),
          e);
      return 0;
    }
  }
}
