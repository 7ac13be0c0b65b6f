package dev.areaflow.topology.decision;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.topology.runs.Subject;
import java.util.function.Supplier;

/**
 * Compiled plans, by AREA and version; those used least are dropped and compiled again when needed.
 * Safe for several threads, and shared by them.
 */
public final class CompiledPlans {
  private final Expressions expressions;
  private final Cache<Key, CompiledPlan> compiled;

  private record Key(String areaId, long version) {}

  /**
   * @param size how many plans are kept compiled
   */
  public CompiledPlans(Expressions expressions, int size) {
    this.expressions = expressions;
    this.compiled = Caffeine.newBuilder().maximumSize(size).executor(Runnable::run).build();
  }

  CompiledPlan plan(Definition definition) {
    return plan(definition.subject(), definition::plan);
  }

  /**
   * @param plan reads the AREA's plan in that version, where it is not compiled
   */
  CompiledPlan plan(Subject subject, Supplier<String> plan) {
    return compiled.get(
        new Key(subject.areaId(), subject.version()),
        _ -> CompiledPlan.compile(plan.get(), expressions));
  }
}
