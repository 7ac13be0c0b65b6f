package dev.areaflow.topology;

import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;

/**
 * What happens when a record cannot be written: the application stops and tries again. Whatever is
 * written was bounded before, so it is Kafka or the registry that is away, never the record; to go
 * on would lose a command or a piece of state.
 */
public final class UnwritableRecords implements ProductionExceptionHandler {
  @Override
  public void configure(Map<String, ?> properties) {
    // nothing to choose
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception cause) {
    return Response.fail();
  }

  @Override
  @SuppressWarnings("rawtypes") // the interface's
  public Response handleSerializationError(
      ErrorHandlerContext context,
      ProducerRecord record,
      Exception cause,
      SerializationExceptionOrigin origin) {
    return Response.fail();
  }
}
