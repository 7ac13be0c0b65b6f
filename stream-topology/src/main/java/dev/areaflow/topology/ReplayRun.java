package dev.areaflow.topology;

import dev.areaflow.expressions.Expressions;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.ReplayLine;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.decision.CarriedFiring;
import dev.areaflow.topology.memory.MemoryBudget;
import dev.areaflow.topology.rules.Kept;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a replay of an AREA has to write, over events that come in their order: of an AREA with a
 * rule the firings that they make in a {@link SimulatedTask}, else the events themselves. For one
 * thread.
 */
final class ReplayRun implements RangeReader.Sink, SimulatedTask.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(ReplayRun.class);

  private final Backtest asked;
  private final Consumer<ReplayLine> lines;
  private final LongSupplier read;
  private final SelectedEvents selected;
  private final Plan plan;
  private final @Nullable SimulatedTask rule;
  private final Map<String, String> names = new HashMap<>();
  private Instant last = Instant.MIN;
  private long skipped;

  /**
   * @param read how many records have been looked at
   */
  ReplayRun(
      Backtest asked,
      TaskConfig config,
      MemoryBudget budget,
      Consumer<ReplayLine> lines,
      LongSupplier read) {
    this.asked = asked;
    this.lines = lines;
    this.read = read;
    Expressions expressions = new Expressions();
    this.selected = new SelectedEvents(asked.selection(), expressions);
    this.plan = Plan.parse(asked.area().plan());
    asked.area().listeners().forEach(each -> names.put(each.hookId(), each.of()));
    if (plan.rule() == null) {
      this.rule = null;
    } else {
      this.rule =
          new SimulatedTask(withoutSteps(asked.area()), config, null, expressions, budget, this);
      rule.begin(asked.begin());
    }
  }

  /** What a firing begins is nothing to a replay before it is live. */
  private AreaRow withoutSteps(AreaRow area) {
    Plan without =
        new Plan(
            plan.service(), plan.action(), plan.condition(), plan.rule(), plan.by(), List.of());
    return new AreaRow(
        area.id(),
        area.ownerId(),
        area.hookId(),
        area.name(),
        without.toJson(),
        area.version(),
        true,
        null,
        null,
        area.listens(),
        null);
  }

  /** Whether all events that were asked for by their ids have come. */
  boolean isComplete() {
    return selected.isComplete();
  }

  @Override
  public void event(Event event, int partition, long offset, Instant at) {
    if (!event.getOwnerId().equals(asked.area().ownerId())) {
      return;
    }
    switch (selected.fate(event)) {
      case OTHER -> {}
      case SKIPPED -> skip(at);
      case TAKEN -> take(event, partition, offset, at);
    }
  }

  private void take(Event event, int partition, long offset, Instant at) {
    if (rule != null) {
      rule.event(event, partition, offset, at);
    } else if (isTold(at)) {
      String of = names.getOrDefault(event.getHookId(), "");
      tell(at, Event.newBuilder(event).setOf(of).build());
    }
  }

  @Override
  public void unreadable(Instant at, String detail) {
    LOG.warn("an event of the AREA {} is not replayed: {}", asked.area().id(), detail);
    skip(at);
  }

  private void skip(Instant at) {
    if (isTold(at)) {
      skipped++;
    }
  }

  /** Ends it: time passes to the end of the range, and what is due by then fires. */
  void end() {
    if (rule != null) {
      rule.end(asked.to());
    }
    lines.accept(new ReplayLine.Ended(skipped));
  }

  @Override
  public void on(CarriedFiring firing) {
    Instant at = firing.firing().at();
    if (isTold(at)) {
      tell(at, event(firing));
    }
  }

  private Event event(CarriedFiring carried) {
    Instant at = carried.firing().at();
    Event.Builder event =
        Event.newBuilder()
            .setHookId(asked.area().home())
            .setOwnerId(asked.area().ownerId())
            .setService(plan.service())
            .setAction(plan.action())
            .setTime(at)
            .setReceivedAt(at)
            .setPayload(ByteBuffer.allocate(0))
            .setFiring(carried.toAvro());
    if (!carried.events().isEmpty()) {
      Kept newest = carried.firing().events().getLast();
      var meta = carried.events().getLast().meta();
      event
          .setHookId(newest.hookId())
          .setService(meta.service())
          .setAction(meta.action())
          .setTime(meta.time())
          .setOf(meta.of());
    }
    return event.build();
  }

  private void tell(Instant at, Event event) {
    last = at.isAfter(last) ? at : last; // a broker's clock may be set back
    lines.accept(new ReplayLine.Found(last, event, read.getAsLong(), skipped));
  }

  private boolean isTold(Instant at) {
    return !at.isBefore(asked.from()) && at.isBefore(asked.to());
  }

  @Override
  public void on(Command command, Instant at) {
    throw new IllegalStateException("expected no call of a plan without steps");
  }

  @Override
  public void on(RunRecord run) {
    // what becomes of a single event is nothing to a replay
  }

  @Override
  public @Nullable ByteBuffer output(Command command) {
    return null;
  }
}
