package dev.areaflow.topology;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.schemas.rows.RequestRow;
import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.runs.Run;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Does what people ask of runs: stops them, retries them from where they failed, and lets those go
 * on that waited for a connection. What is asked of a run that is not there any more, that is
 * another's, or where nothing is to do, changes nothing and is counted; so a request that comes
 * twice does no harm. Kinds that others follow are left to them.
 */
final class FollowRequests implements Processor<String, RequestRow, String, SpecificRecord> {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Decider decider;
  private final TopologyMetrics metrics;
  private ProcessorContext<String, SpecificRecord> context;
  private RunState runs;

  FollowRequests(Decider decider, TopologyMetrics metrics) {
    this.decider = decider;
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    this.context = context;
    this.runs = new RunState(context, decider, metrics);
  }

  @Override
  public void process(Record<String, RequestRow> record) {
    @Nullable RequestRow request = record.value();
    if (request == null) {
      return; // a purged row
    }
    Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    switch (request.kind()) {
      case "cancel" -> {
        Run run = run(request);
        metrics.requested("cancel", run != null && runs.cancel(run, now));
      }
      case "retry" -> {
        Run run = run(request);
        metrics.requested("retry", run != null && isOfItsEnd(request, run) && runs.retry(run, now));
      }
      case "resume" ->
          metrics.requested(
              "resume",
              runs.resume(request.home(), request.ownerId(), text(request, "connectionId"), now));
      default -> {} // the worker's
    }
  }

  private @Nullable Run run(RequestRow request) {
    Run run = runs.find(request.home(), text(request, "runId"));
    return run != null && run.subject().ownerId().equals(request.ownerId()) ? run : null;
  }

  /** One of before the run ended was done then: change data capture may bring it again. */
  private boolean isOfItsEnd(RequestRow request, Run run) {
    return run.finishedAt()
        .map(end -> !request.createdAt().plus(decider.policy().clockSkew()).isBefore(end))
        .orElse(false);
  }

  private static String text(RequestRow request, String field) {
    JsonNode value;
    try {
      value = JSON.readTree(request.body()).path(field);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "expected a JSON object as body of the request " + request.id(), e);
    }
    if (!value.isTextual()) {
      throw new IllegalArgumentException(
          "expected a text \"%s\" in the body of the request %s, found %s"
              .formatted(field, request.id(), value.getNodeType()));
    }
    return value.textValue();
  }
}
