package dev.areaflow.topology.runs;

import static dev.areaflow.topology.runs.Samples.NOW;
import static dev.areaflow.topology.runs.Samples.POLICY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.runs.StepState.Cancelled;
import dev.areaflow.topology.runs.StepState.Chosen;
import dev.areaflow.topology.runs.StepState.Deferred;
import dev.areaflow.topology.runs.StepState.Delayed;
import dev.areaflow.topology.runs.StepState.Failed;
import dev.areaflow.topology.runs.StepState.Item;
import dev.areaflow.topology.runs.StepState.Looped;
import dev.areaflow.topology.runs.StepState.Looping;
import dev.areaflow.topology.runs.StepState.Pending;
import dev.areaflow.topology.runs.StepState.Running;
import dev.areaflow.topology.runs.StepState.Skipped;
import dev.areaflow.topology.runs.StepState.Succeeded;
import dev.areaflow.topology.runs.StepState.Unknown;
import dev.areaflow.topology.runs.StepState.Waiting;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RunRowTest {
  private static final Tries TRIES = new Tries(NOW, 5, 2, List.of(2, 4));
  private static final Answer ANSWER = new Answer(503, ErrorClass.RETRYABLE, "busy", "…");

  @Test
  void everyStateIsReadAsItWasWritten() {
    // given
    Run run =
        Run.of(
            Samples.SUBJECT,
            Samples.CAUSE,
            List.of(
                step("running", new Running(TRIES, NOW, NOW.plusMillis(1), ANSWER)),
                step("first", new Running(Tries.first(NOW), NOW, NOW, null)),
                step("waiting", new Waiting(TRIES, NOW, ANSWER)),
                step("deferred", new Deferred(TRIES, NOW, null)),
                step("succeeded", new Succeeded(TRIES, ANSWER, NOW)),
                step("failed", new Failed(TRIES, ANSWER, NOW)),
                step("unbegun", new Failed(null, Answer.permanent("no field x"), NOW)),
                step("skipped", new Skipped(NOW, 2)),
                step("cancelled", new Cancelled(TRIES, ANSWER, NOW))));

    // when
    byte[] row = RunRow.SERDE.serializer().serialize("runs", run);

    // then
    assertThat(RunRow.SERDE.deserializer().deserialize("runs", row)).isEqualTo(run);
  }

  @Test
  void fieldsThatANewerProgramAppendedAreLeftUnread() {
    // given
    Run run = Samples.begun("a");
    byte[] row = RunRow.SERDE.serializer().serialize("runs", run);
    byte[] newer = Arrays.copyOf(row, row.length + 9);

    // when
    Run read = RunRow.SERDE.deserializer().deserialize("runs", newer);

    // then
    assertThat(read).isEqualTo(run);
  }

  @Test
  void theFormatIsWhatStoresHold() {
    // given
    Run run =
        Run.of(Samples.SUBJECT, Samples.CAUSE, List.of(Step.begun(Samples.call("a"), NOW, POLICY)));

    // when
    byte[] row = RunRow.SERDE.serializer().serialize("runs", run);

    // then
    assertThat(HexFormat.of().formatHex(row))
        .isEqualTo(
            "014830313966316431662d303465322d383031662d623163632d3763356630376535646135370c686f6f6b2d310c617265612d31060e6f776e65722d310e6576656e742d310c686f6f6b2d31049a01b093f8d1e367c493f8d1e36700000256026108687474700e7265717565737400047b7d02018094f8d1e367020000c0bdffd1e367c0ae84d2e3670000");
  }

  @Test
  void aRowOfBeforeStepsWaitedForOneAnotherIsRead() {
    // given
    byte[] row =
        HexFormat.of()
            .parseHex(
                "014830313966316431662d303465322d383031662d623163632d3763356630376535646135370c686f6f6b2d310c617265612d31060e6f776e65722d310e6576656e742d310c686f6f6b2d31049a01b093f8d1e367c493f8d1e36700000256026108687474700e7265717565737400047b7d02018094f8d1e367020000c0bdffd1e367c0ae84d2e3670000");

    // when
    Run read = RunRow.SERDE.deserializer().deserialize("runs", row);

    // then
    assertThat(read)
        .isEqualTo(
            Run.of(
                Samples.SUBJECT,
                Samples.CAUSE,
                List.of(Step.begun(Samples.call("a"), NOW, POLICY))));
  }

  @Test
  void whatIsNotUsualIsReadAsItWasWritten() {
    // given
    Plan.Retry retry = new Plan.Retry(3, Duration.ofSeconds(10), List.of("permanent"));
    Handling handling =
        new Handling(retry, Duration.ofMinutes(2), Plan.OnFailure.RUN, true, true, true);
    Loop loop =
        new Loop(9, 5, 2, Indexes.NONE.with(3), Indexes.NONE.with(1).with(8), 4, NOW, ANSWER);
    Run run =
        new Run(
            Run.id(Samples.SUBJECT, Samples.CAUSE),
            Samples.SUBJECT,
            Samples.CAUSE,
            7,
            List.of(
                new Step(
                    new Call("a", "http", "request", "c1", ByteBuffer.allocate(0), handling),
                    new Unknown(TRIES, ANSWER, NOW)),
                step("pending", new Pending(3)),
                step("delayed", new Delayed(1, NOW)),
                step(
                    "looping",
                    new Looping(loop, List.of(new Item(4, new Waiting(TRIES, NOW, ANSWER))), 2)),
                step("chosen", new Chosen(-1, NOW)),
                step("looped", new Looped(loop, true, NOW)),
                step("stopped", new Cancelled(null, null, NOW))),
            new Guidance(6, 77, true, 5, new Guidance.Failing("a", NOW)));

    // when
    byte[] row = RunRow.SERDE.serializer().serialize("runs", run);

    // then
    assertThat(RunRow.SERDE.deserializer().deserialize("runs", row)).isEqualTo(run);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ofWhatReplayItIsIsKept(boolean guided) {
    // given
    Cause cause = Samples.CAUSE.with(List.of(), new Cause.Replay("replay-1", true));
    Run run =
        guided
            ? Run.guided(Samples.SUBJECT, cause, List.of(Samples.call("a")), false)
            : Run.of(Samples.SUBJECT, cause, List.of(Step.begun(Samples.call("a"), NOW, POLICY)));

    // when
    byte[] row = RunRow.SERDE.serializer().serialize("runs", run);

    // then
    assertThat(RunRow.SERDE.deserializer().deserialize("runs", row)).isEqualTo(run);
  }

  private static Step step(String id, StepState state) {
    return new Step(Samples.call(id), state);
  }
}
