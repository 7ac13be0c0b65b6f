package dev.areaflow.ingest.ingress;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;

/**
 * Answers, in the form of all problems, what the server refuses before or beside the handler:
 * malformed requests, unknown paths, too many at a time, a fault of ours.
 */
final class ProtocolProblems implements DirectHandler {

  @Override
  public TransportResponse handle(
      TransportRequest request,
      EventType eventType,
      Status defaultStatus,
      ServerResponseHeaders responseHeaders,
      String message) {
    Answer answer = Answer.problem(defaultStatus, "protocol", detail(defaultStatus));
    TransportResponse.Builder response =
        TransportResponse.builder()
            .status(defaultStatus)
            .headers(responseHeaders)
            .keepAlive(defaultStatus.equals(Status.NOT_FOUND_404))
            .header(HeaderNames.CONTENT_TYPE, answer.contentType())
            .entity(answer.body());
    if (defaultStatus.equals(Status.SERVICE_UNAVAILABLE_503)) {
      response.header(HeaderNames.RETRY_AFTER, "2");
    }
    return response.build();
  }

  private static String detail(Status status) {
    if (status.equals(Status.NOT_FOUND_404)) {
      return "Deliveries go to /hooks/TOKEN.";
    }
    return status.family() == Status.Family.SERVER_ERROR
        ? "The delivery could not be taken; send it again."
        : "The request was not understood.";
  }
}
