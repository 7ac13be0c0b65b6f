package dev.areaflow.topology;

import dev.areaflow.schemas.topics.RegistryUnavailableException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;

/**
 * What happens to a record that cannot be read: it goes to the dead letters and its partition moves
 * on. A registry that cannot be reached is not the record's fault: the application stops and tries
 * again.
 */
public final class UnreadableRecords implements DeserializationExceptionHandler {
  private DeadLetters deadLetters;

  @Override
  public void configure(Map<String, ?> properties) {
    deadLetters = DeadLetters.of(properties);
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception cause) {
    return RegistryUnavailableException.isCauseOf(cause)
        ? Response.fail()
        : Response.resume(
            List.of(deadLetters.letter(context, record.key(), record.value(), cause)));
  }
}
