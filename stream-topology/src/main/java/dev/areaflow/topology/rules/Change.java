package dev.areaflow.topology.rules;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.topology.rules.Memory.Last;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fires when a value is another than that of the event before; the first only is remembered.
 *
 * @param crosses only when it comes from below this number to it or above, or back; null for every
 *     change
 */
public record Change(@Nullable BigDecimal crosses) implements Rule {
  @Override
  public Turn on(@Nullable Memory before, Arrival arrival) {
    @Nullable JsonNode value = arrival.value();
    if (value == null) {
      return Turn.drops(before);
    }
    Last now = new Last(value);
    if (!(before instanceof Last(var old))) {
      return Turn.keeps(now);
    }
    return differ(old, value)
        ? Turn.fires(
            now,
            new Firing(
                arrival.event().at(),
                List.of(arrival.event()),
                Optional.of(new Firing.Changed(old, value))))
        : Turn.drops(now);
  }

  @Override
  public Turn due(Memory before, Instant time) {
    return Turn.passes(before);
  }

  private boolean differ(JsonNode old, JsonNode value) {
    if (crosses != null) {
      return isBelow(old, crosses) != isBelow(value, crosses);
    }
    return !old.equals(JsonNumbers.COMPARATOR, value);
  }

  private static boolean isBelow(JsonNode value, BigDecimal threshold) {
    return value.decimalValue().compareTo(threshold) < 0;
  }
}
