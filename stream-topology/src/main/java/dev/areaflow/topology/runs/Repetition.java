package dev.areaflow.topology.runs;

import static java.util.Objects.requireNonNull;

import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.runs.Script.ListItem;
import dev.areaflow.topology.runs.StepState.Failed;
import dev.areaflow.topology.runs.StepState.Item;
import dev.areaflow.topology.runs.StepState.Looped;
import dev.areaflow.topology.runs.StepState.Looping;
import dev.areaflow.topology.runs.StepState.Open;
import dev.areaflow.topology.runs.StepState.Running;
import dev.areaflow.topology.runs.StepState.Succeeded;
import dev.areaflow.topology.runs.StepState.Unknown;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** How a step goes on that is repeated for the items of a list, within one transition. */
final class Repetition {
  private static final Answer RUN_FAILED =
      Answer.permanent("not all items were begun, since the run had failed meanwhile");

  private final Guide guide;
  private final Run run;
  private final Stock stock;

  Repetition(Guide guide, Run run, Stock stock) {
    this.guide = guide;
    this.run = run;
    this.stock = stock;
  }

  /**
   * The step with its list; {@link #fill} begins its items.
   *
   * @throws EvaluationException if the list cannot be had, or is too long
   */
  StepState begin(Step step, int issued, Seen seen) {
    List<byte[]> items = guide.script().items(step.id(), seen);
    if (items.size() > Loop.MOST_ITEMS) {
      throw new EvaluationException(
          "its list has %d items, more than the %d that a step is repeated for; take fewer of them"
              .formatted(items.size(), Loop.MOST_ITEMS));
    }
    long bytes = items.stream().mapToLong(item -> item.length).sum();
    if (bytes > Stock.MOST_BYTES) {
      throw new EvaluationException(
          "the items of its list take %d bytes, more than the %d that are kept; make a list of less"
              .formatted(bytes, Stock.MOST_BYTES));
    }
    for (int i = 0; i < items.size(); i++) {
      stock.keep(Materials.item(step.id(), i), items.get(i));
    }
    return new Looping(Loop.of(items.size(), issued, guide.now()), List.of(), issued);
  }

  /** The step after an outcome of one of its items; the same where it changes nothing. */
  StepState on(Step step, Looping looping, Outcome outcome) {
    Optional<Item> item = outcome.getItem().flatMap(looping::item);
    if (item.isEmpty()) {
      return looping;
    }
    StepState next = attempts(step, item.get()).on(item.get().state(), outcome);
    if (next instanceof Succeeded succeeded && step.call().handling().keepsOutput()) {
      next =
          stock
              .keepOutput(
                  Materials.output(step.id(), item.get().index()), outcome.getOutput().orElse(null))
              .<StepState>map(
                  problem -> new Failed(succeeded.tries(), Answer.permanent(problem), guide.now()))
              .orElse(succeeded);
    }
    return after(looping, item.get(), next);
  }

  /** The step after a timer of one of its items fired. */
  StepState due(Step step, Looping looping, int index, Instant at, Seen seen) {
    Optional<Item> item = looping.item(index);
    if (item.isEmpty()) {
      return looping;
    }
    Open before = item.get().state();
    StepState next = attempts(step, item.get()).due(before, at);
    if (next instanceof Running running && !next.equals(before)) {
      next = issued(step, index, running, seen);
    }
    return after(looping, item.get(), next);
  }

  /**
   * The step with as many items begun as may be at a time, and ended if none is left.
   *
   * @param isOver whether the run has failed, so that nothing further begins
   */
  StepState fill(Step step, Looping looping, boolean isOver, Supplier<Seen> seen) {
    int concurrency = requireNonNull(flow(step).forEach()).concurrency();
    Loop loop = looping.loop();
    List<Item> active = new ArrayList<>(looping.active());
    while (active.size() < concurrency && loop.hasNext() && !isOver && !stops(step, loop)) {
      int index = loop.nextIndex();
      loop = loop.begun();
      Running first =
          new Attempts(
                  run.commandId(step.id(), index),
                  step.call().handling(),
                  guide.now(),
                  guide.policy())
              .begin(looping.begunBefore());
      switch (issued(step, index, first, seen.get())) {
        case Open open -> {
          active.add(new Item(index, open));
          loop = loop.issued(open.tries().issued());
        }
        case Failed failed -> loop = loop.failed(index, failed.answer());
        case StepState other -> throw new IllegalStateException("a call begins or fails: " + other);
      }
    }
    if (!active.isEmpty()) {
      active.sort(Comparator.comparingInt(Item::index));
      return new Looping(loop, active, looping.begunBefore());
    }
    return new Looped(
        loop.hasNext() && loop.failed().isEmpty() ? loop.stopped(RUN_FAILED) : loop,
        false,
        guide.now());
  }

  private static boolean stops(Step step, Loop loop) {
    return step.call().handling().onFailure() == Plan.OnFailure.STOP && !loop.failed().isEmpty();
  }

  private StepState issued(Step step, int index, Running running, Seen seen) {
    try {
      stock.issue(
          run.commandId(step.id(), index),
          guide
              .script()
              .inputs(step.id(), seen, new ListItem(index, stock.item(step.id(), index))));
      return running;
    } catch (EvaluationException e) {
      return new Failed(running.tries(), Answer.of(e), guide.now());
    }
  }

  private static StepState after(Looping looping, Item item, StepState next) {
    if (next.equals(item.state())) {
      return looping;
    }
    List<Item> active = new ArrayList<>(looping.active());
    int place = active.indexOf(item);
    Loop loop = looping.loop();
    switch (next) {
      case Open open -> {
        active.set(place, new Item(item.index(), open));
        loop = loop.issued(open.tries().issued());
      }
      case Succeeded _ -> {
        active.remove(place);
        loop = loop.done();
      }
      case Failed failed -> {
        active.remove(place);
        loop = loop.failed(item.index(), failed.answer());
      }
      case Unknown unknown -> {
        active.remove(place);
        loop = loop.failed(item.index(), unknown.answer());
      }
      case StepState other -> throw new IllegalStateException("a call does not become " + other);
    }
    return new Looping(loop, active, looping.begunBefore());
  }

  private Attempts attempts(Step step, Item item) {
    return new Attempts(
        run.commandId(step.id(), item.index()),
        step.call().handling(),
        guide.now(),
        guide.policy());
  }

  private Plan.Flow flow(Step step) {
    return guide.script().structure().flow(step.id());
  }
}
