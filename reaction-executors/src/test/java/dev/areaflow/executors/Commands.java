package dev.areaflow.executors;

import dev.areaflow.schemas.avro.Command;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Commands for tests. */
final class Commands {
  static final Instant FAR = Instant.parse("2999-01-01T00:00:00Z");

  private Commands() {}

  static Command named(String id) {
    return httpRequest("{}").setId(id).build();
  }

  /** An attempt of {@code http.request} with these inputs. */
  static Command.Builder httpRequest(String inputs) {
    return Command.newBuilder()
        .setId("command-1")
        .setHome("hook-1")
        .setRunId("run-1")
        .setStepId("notify")
        .setAttempt(3)
        .setNotAfter(FAR)
        .setAreaId("area-1")
        .setAreaVersion(7)
        .setOwnerId("owner-1")
        .setEventId("event-1")
        .setService("http")
        .setReaction("request")
        .setInputs(ByteBuffer.wrap(inputs.getBytes(StandardCharsets.UTF_8)));
  }
}
