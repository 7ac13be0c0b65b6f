package dev.areaflow.topology;

import dev.areaflow.schemas.topics.RegistryUnavailableException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/**
 * What happens to a record that a processor fails on: it goes to the dead letters and its partition
 * moves on. Failures of Kafka and of the stores are not the record's fault: the application stops
 * and tries again.
 */
public final class UnprocessableRecords implements ProcessingExceptionHandler {
  private DeadLetters deadLetters;

  @Override
  public void configure(Map<String, ?> properties) {
    deadLetters = DeadLetters.of(properties);
  }

  @Override
  public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception cause) {
    return cause instanceof KafkaException || RegistryUnavailableException.isCauseOf(cause)
        ? Response.fail()
        : Response.resume(
            List.of(
                deadLetters.letter(
                    context, context.sourceRawKey(), context.sourceRawValue(), cause)));
  }
}
