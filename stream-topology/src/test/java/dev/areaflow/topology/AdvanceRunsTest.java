package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.expressions.Expressions;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.OutcomeKind;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.topology.decision.CompiledPlans;
import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.rows.Timer;
import dev.areaflow.topology.runs.AreaRuns;
import dev.areaflow.topology.runs.Call;
import dev.areaflow.topology.runs.Cause;
import dev.areaflow.topology.runs.Change;
import dev.areaflow.topology.runs.Run;
import dev.areaflow.topology.runs.RunRow;
import dev.areaflow.topology.runs.Step;
import dev.areaflow.topology.runs.Subject;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When timers fire, where the test driver's clock, which only goes on, cannot lead. */
final class AdvanceRunsTest {
  /** After it a command counts as lost: its validity, the call's timeout and the skew. */
  private static final Duration DEADLINE = Duration.ofSeconds(85);

  private final MockProcessorContext<String, SpecificRecord> context = new MockProcessorContext<>();
  @TempDir private Path directory;
  private TopologyConfig config;
  private Decider decider;
  private final TopologyMetrics metrics = new TopologyMetrics(new SimpleMeterRegistry());
  private KeyValueStore<HomeKey, Run> runs;
  private KeyValueStore<Timer, byte[]> timers;
  private TaskMemory memory;
  private AdvanceRuns processor;

  @BeforeEach
  void open() {
    config = Harness.config(directory, Map.of());
    decider = new Decider(new CompiledPlans(new Expressions(), 10), config.retryPolicy());
    runs = store(TaskStores.RUNS, HomeKey.SERDE, RunRow.SERDE);
    store(TaskStores.RUN_MATERIALS, HomeKey.SERDE, Serdes.ByteArray());
    store(TaskStores.AREA_RUNS, HomeKey.SERDE, AreaRuns.SERDE);
    store(TaskStores.RUN_QUEUE, HomeKey.SERDE, Serdes.String());
    timers = store(TaskStores.TIMERS, Timer.SERDE, Serdes.ByteArray());
    memory = TaskMemory.builder().build();
    memory.init(context.getStateStoreContext(), memory);
    context.addStateStore(memory);
    processor = new AdvanceRuns(decider, metrics);
    processor.init(context);
    memory.readUntil(Instant.MAX);
  }

  @Test
  void aTimerThatIsSetWhileTheClockIsSetBackFires() {
    // given
    look(START);
    new RunState(context, decider, metrics)
        .apply(Change.between(null, run(START.minus(Duration.ofHours(1)))));
    context.resetForwards();

    // when
    look(START.plusMillis(250));

    // then
    assertThat(context.forwarded()).hasSize(1);
  }

  @Test
  void aTaskThatBeginsAnewFiresWhatWasUndone() {
    // given
    keep(run(START));
    look(START.plus(DEADLINE).plusSeconds(1));
    keep(run(START));
    context.resetForwards();

    // when
    processor.init(context);
    memory.readUntil(Instant.MAX);
    look(START.plus(DEADLINE).plusSeconds(2));

    // then
    assertThat(context.forwarded()).hasSize(1);
  }

  @Test
  void aDeadlineThatIsAheadOfWhatIsReadWaits() {
    // given
    keep(run(START));
    processor.init(context);
    memory.readUntil(START.plus(DEADLINE).minusSeconds(3));

    // when
    look(START.plus(DEADLINE).plusSeconds(60));
    int early = context.forwarded().size();
    memory.readUntil(START.plus(DEADLINE));
    look(START.plus(DEADLINE).plusSeconds(60));

    // then
    assertThat(early).isZero();
    assertThat(context.forwarded()).hasSize(1);
  }

  @Test
  void whatWasAnsweredBeforeTheDeadlineIsNotAskedForAgain() {
    // given
    Run run = run(START);
    keep(run);
    processor.init(context);
    memory.readUntil(START.plusSeconds(20));

    // when
    look(START.plus(DEADLINE).plusSeconds(60));
    processor.process(new Record<>(Harness.HOOK, succeeded(run), START.toEpochMilli()));
    memory.readUntil(START.plus(DEADLINE).plusSeconds(60));
    look(START.plus(DEADLINE).plusSeconds(60));

    // then
    assertThat(context.forwarded())
        .extracting(forwarded -> forwarded.record().value())
        .allSatisfy(value -> assertThat(value).isInstanceOf(RunRecord.class))
        .isNotEmpty();
  }

  private static Outcome succeeded(Run run) {
    return Outcome.newBuilder()
        .setCommandId("any")
        .setHome(Harness.HOOK)
        .setRunId(run.id().toString())
        .setStepId("notify")
        .setAttempt(1)
        .setKind(OutcomeKind.SUCCEEDED)
        .build();
  }

  private void look(Instant now) {
    context.setCurrentSystemTimeMs(now.toEpochMilli());
    context.scheduledPunctuators().getLast().getPunctuator().punctuate(now.toEpochMilli());
  }

  private Run run(Instant begun) {
    return Run.of(
        new Subject(Harness.HOOK, Harness.AREA, 1, "owner-1"),
        new Cause("e1", Harness.HOOK, 0, 0, begun, begun, 0),
        List.of(
            Step.begun(
                new Call("notify", "http", "request", null, ByteBuffer.allocate(0)),
                begun,
                config.retryPolicy())));
  }

  /** Leaves a run in the stores as a changelog does. */
  private void keep(Run run) {
    runs.put(new HomeKey(run.subject().home(), run.id().toString()), run);
    Change.between(null, run).set().forEach(timer -> timers.put(timer, new byte[0]));
  }

  private <K, V> KeyValueStore<K, V> store(String name, Serde<K> keys, Serde<V> values) {
    KeyValueStore<K, V> store =
        Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), keys, values)
            .withLoggingDisabled()
            .build();
    store.init(context.getStateStoreContext(), store);
    context.addStateStore(store);
    return store;
  }
}
