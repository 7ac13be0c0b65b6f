package dev.areaflow.api.topics;

import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/** The dead letters that their topic keeps. Safe for several threads. */
public final class LetterLog implements AutoCloseable {
  private final ReaderPool readers;
  private final RecordDecoder<DeadLetter> letters;

  /**
   * @param readers the caller's to close
   */
  public LetterLog(ReaderPool readers, TopicSerdes serdes) {
    this.readers = readers;
    this.letters = new RecordDecoder<>(serdes, Topics.DEAD_LETTERS);
  }

  /**
   * The letter at a place, empty where it is not kept any more.
   *
   * @throws SlowTopicException or Kafka's exceptions where Kafka is away
   */
  public Optional<DeadLetter> at(int partition, long offset) {
    TopicPartition place = new TopicPartition(Topics.DEAD_LETTERS.name(), partition);
    return readers.read(reader -> reader.at(place, offset)).flatMap(letters::read);
  }

  @Override
  public void close() {
    letters.close();
  }
}
