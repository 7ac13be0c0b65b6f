package dev.areaflow.expressions;

import java.util.AbstractList;
import java.util.RandomAccess;

/** A JSON array as CEL sees it: an unmodifiable list. */
final class JsonArray extends AbstractList<Object> implements RandomAccess {
  private final Object[] elements;
  private final int weight;

  /**
   * @param elements owned by the array from now on
   * @param weight what the elements weigh together
   */
  JsonArray(Object[] elements, int weight) {
    this.elements = elements;
    this.weight = weight;
  }

  /** How much there is below, in characters of JSON, roughly. */
  int weight() {
    return weight;
  }

  @Override
  public Object get(int index) {
    return elements[index];
  }

  @Override
  public int size() {
    return elements.length;
  }
}
