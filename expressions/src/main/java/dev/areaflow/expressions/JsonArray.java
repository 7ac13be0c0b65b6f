package dev.areaflow.expressions;

import java.util.AbstractList;
import java.util.RandomAccess;

/** A JSON array as CEL sees it: an unmodifiable list. */
final class JsonArray extends AbstractList<Object> implements RandomAccess {
  private final Object[] elements;
  private final int weight;
  private final int values;

  /**
   * @param elements owned by the array from now on
   * @param weight what the elements weigh together
   */
  JsonArray(Object[] elements, int weight) {
    this.elements = elements;
    this.weight = weight;
    int count = 1;
    for (Object element : elements) {
      count += element instanceof JsonArray array ? array.values : 1;
    }
    this.values = count;
  }

  /** How much there is below, in characters of JSON, roughly. */
  int weight() {
    return weight;
  }

  /** How many values CEL meets when it reads the array: objects count as one. */
  int values() {
    return values;
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
