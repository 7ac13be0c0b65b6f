package dev.areaflow.schemas.backtest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which events of a range are taken. The others are not there: rules see none of them either.
 *
 * @param eventIds of these, each once; empty for all
 * @param when CEL over {@code event} and {@code meta} that must hold; null for all
 */
public record Selection(List<String> eventIds, @Nullable String when) {
  /** Every event. */
  public static final Selection ALL = new Selection(List.of(), null);

  public Selection {
    eventIds = List.copyOf(eventIds);
  }
}
