package dev.areaflow.expressions;

import com.google.common.collect.ImmutableSet;
import java.util.Collection;
import java.util.Set;

/**
 * The steps that an expression reads.
 *
 * @param ids of all of them
 * @param outputs ids of those whose output it reads, not only their status
 */
public record StepsRead(Set<String> ids, Set<String> outputs) {
  /** None. */
  public static final StepsRead NONE = new StepsRead(Set.of(), Set.of());

  public StepsRead {
    ids = ImmutableSet.copyOf(ids);
    outputs = ImmutableSet.copyOf(outputs);
  }

  /** What these read together. */
  public static StepsRead of(Collection<StepsRead> all) {
    ImmutableSet.Builder<String> ids = ImmutableSet.builder();
    ImmutableSet.Builder<String> outputs = ImmutableSet.builder();
    all.forEach(
        each -> {
          ids.addAll(each.ids());
          outputs.addAll(each.outputs());
        });
    return new StepsRead(ids.build(), outputs.build());
  }
}
