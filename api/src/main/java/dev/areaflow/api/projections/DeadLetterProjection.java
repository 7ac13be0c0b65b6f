package dev.areaflow.api.projections;

import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
import java.time.ZoneOffset;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The records that could not be processed, each once, without what they hold. */
final class DeadLetterProjection implements Projection<DeadLetter> {
  private static final int MOST_CAUSE_CHARACTERS = 4_000;

  @Override
  public Topic<DeadLetter> topic() {
    return Topics.DEAD_LETTERS;
  }

  @Override
  public void apply(Handle handle, List<Placed<DeadLetter>> batch) {
    if (batch.isEmpty()) {
      return;
    }
    PreparedBatch rows =
        handle.prepareBatch(
            "INSERT INTO dead_letters (letter_partition, letter_offset, topic, record_partition,"
                + " record_offset, at, cause, given_up_by) VALUES (:partition, :offset, :topic,"
                + " :recordPartition, :recordOffset, :at, :cause, :by) ON CONFLICT DO NOTHING");
    for (Placed<DeadLetter> placed : batch) {
      DeadLetter letter = placed.value();
      rows.bind("partition", placed.partition())
          .bind("offset", placed.offset())
          .bind("topic", Columns.text(letter.getTopic()))
          .bind("recordPartition", letter.getPartition())
          .bind("recordOffset", letter.getOffset())
          .bind("at", letter.getAt().atOffset(ZoneOffset.UTC))
          .bind("cause", cause(letter.getCause()))
          .bind("by", Columns.text(letter.getWhere()))
          .add();
    }
    rows.execute();
  }

  private static String cause(String text) {
    return Columns.text(text.substring(0, Math.min(text.length(), MOST_CAUSE_CHARACTERS)));
  }
}
