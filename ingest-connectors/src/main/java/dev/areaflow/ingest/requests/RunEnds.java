package dev.areaflow.ingest.requests;

import dev.areaflow.schemas.avro.ReplayProgress;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what the events of a replay made that has ended: of an AREA whose runs go one after the
 * other no more are written than may wait. For one thread.
 */
final class RunEnds {
  private static final Logger LOG = LoggerFactory.getLogger(RunEnds.class);

  private final KeyScan scan;
  private final Deserializer<RunRecord> reader;

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
    KeyScan.Part part = scan.read(known.getAreaId(), known.getRunsNext(), Long.MAX_VALUE);
    int ended = 0;
    for (ConsumerRecord<byte[], byte[]> record : part.records()) {
      ended += isEndOf(known.getReplayId(), record) ? 1 : 0;
    }
    return replay.runsEnded(ended, part.next());
  }

  private boolean isEndOf(String replayId, ConsumerRecord<byte[], byte[]> record) {
    try {
      RunRecord run = reader.deserialize(record.topic(), record.headers(), record.value());
      return run.getReplayId().equals(Optional.of(replayId))
          && switch (run.getStatus()) {
            case QUEUED, RUNNING, UNKNOWN -> false;
            case SUCCEEDED, FAILED, CANCELLED, FILTERED, KEPT, DROPPED, DUPLICATE, ERROR -> true;
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
      return false;
    }
  }
}
