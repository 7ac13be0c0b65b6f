package dev.areaflow.expressions;

import com.google.common.math.LongMath;
import dev.cel.common.values.CelByteString;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How much the values of one evaluation hold. A list that CEL makes may hold another many times, at
 * every level again, and be small in memory; whoever walks it (to compare, to convert, to write)
 * meets each of them. So a value counts as often as it is held, and is worked out once.
 */
final class Weights {
  private static final int SCALAR = 8;

  private final IdentityHashMap<Object, Weight> known = new IdentityHashMap<>();

  /**
   * What a value holds.
   *
   * @param characters of JSON, roughly
   * @param values those that CEL meets when it reads the value, which it does each time; it does
   *     not look into objects of an event
   */
  record Weight(long characters, long values) {
    private Weight and(Weight other) {
      return new Weight(
          LongMath.saturatedAdd(characters, other.characters),
          LongMath.saturatedAdd(values, other.values));
    }
  }

  /** Forgets the values it has seen. */
  void clear() {
    known.clear();
  }

  Weight of(Object value) {
    return switch (value) {
      case JsonObject object -> new Weight(object.weight(), 1);
      case JsonArray array -> new Weight(array.weight(), array.values());
      case CelByteString bytes -> new Weight(SCALAR + bytes.size(), 1);
      case Optional<?> optional ->
          optional.isPresent() ? of(optional.get()) : new Weight(SCALAR, 1);
      case Collection<?> list -> {
        Weight weight = known.get(list);
        if (weight == null) {
          weight = sum(list);
          known.put(list, weight);
        }
        yield weight;
      }
      case Map<?, ?> map -> {
        Weight weight = known.get(map);
        if (weight == null) {
          weight = sum(map.keySet()).and(sum(map.values()));
          known.put(map, weight);
        }
        yield weight;
      }
      default -> new Weight(Payload.weight(value), 1);
    };
  }

  /** What the elements hold together, for a list that may still grow. */
  Weight sum(Collection<?> elements) {
    Weight sum = new Weight(SCALAR, 1);
    for (Object element : elements) {
      sum = sum.and(of(element));
    }
    return sum;
  }
}
