package dev.areaflow.expressions;

import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelValue;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object as CEL sees it: an unmodifiable map. Being a {@link CelValue} keeps CEL from
 * converting the whole tree below it each time a field is selected.
 */
@SuppressWarnings("Immutable") // unmodifiable, but of values that Error Prone cannot know
final class JsonObject extends CelValue implements Map<String, Object> {
  private static final CelType TYPE = MapType.create(SimpleType.DYN, SimpleType.DYN);

  private final Map<String, Object> fields;
  private final int weight;

  JsonObject(Map<String, Object> fields, int weight) {
    this.fields = Collections.unmodifiableMap(fields);
    this.weight = weight;
  }

  /** How much there is below, in characters of JSON, roughly. */
  int weight() {
    return weight;
  }

  @Override
  public Object value() {
    return this;
  }

  @Override
  public boolean isZeroValue() {
    return fields.isEmpty();
  }

  @Override
  public CelType celType() {
    return TYPE;
  }

  @Override
  public int size() {
    return fields.size();
  }

  @Override
  public boolean isEmpty() {
    return fields.isEmpty();
  }

  @Override
  public boolean containsKey(Object key) {
    return fields.containsKey(key);
  }

  @Override
  public boolean containsValue(Object value) {
    return fields.containsValue(value);
  }

  @Override
  public @Nullable Object get(Object key) {
    return fields.get(key);
  }

  @Override
  public @Nullable Object put(String key, Object value) {
    return fields.put(key, value);
  }

  @Override
  public @Nullable Object remove(Object key) {
    return fields.remove(key);
  }

  @Override
  public void putAll(Map<? extends String, ? extends Object> map) {
    fields.putAll(map);
  }

  @Override
  public void clear() {
    fields.clear();
  }

  @Override
  public Set<String> keySet() {
    return fields.keySet();
  }

  @Override
  public Collection<Object> values() {
    return fields.values();
  }

  @Override
  public Set<Map.Entry<String, Object>> entrySet() {
    return fields.entrySet();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return fields.equals(other);
  }

  @Override
  public int hashCode() {
    return fields.hashCode();
  }

  @Override
  public String toString() {
    return fields.toString();
  }
}
