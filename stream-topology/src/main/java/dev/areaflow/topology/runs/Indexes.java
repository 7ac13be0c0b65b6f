package dev.areaflow.topology.runs;

import java.nio.ByteBuffer;
import java.util.BitSet;

/** A set of small numbers from 0, which takes a bit for each. Immutable. */
public final class Indexes {
  /** No numbers. */
  public static final Indexes NONE = new Indexes(new BitSet());

  private final BitSet bits;

  private Indexes(BitSet bits) {
    this.bits = bits;
  }

  /** As {@link #toBytes} wrote them. */
  static Indexes of(ByteBuffer bytes) {
    return new Indexes(BitSet.valueOf(bytes.duplicate()));
  }

  byte[] toBytes() {
    return bits.toByteArray();
  }

  public boolean isEmpty() {
    return bits.isEmpty();
  }

  public int size() {
    return bits.cardinality();
  }

  public boolean contains(int index) {
    return bits.get(index);
  }

  /** The smallest; -1 of none. */
  int first() {
    return bits.nextSetBit(0);
  }

  Indexes with(int index) {
    BitSet more = (BitSet) bits.clone();
    more.set(index);
    return new Indexes(more);
  }

  Indexes without(int index) {
    BitSet fewer = (BitSet) bits.clone();
    fewer.clear(index);
    return new Indexes(fewer);
  }

  Indexes union(Indexes others) {
    BitSet all = (BitSet) bits.clone();
    all.or(others.bits);
    return new Indexes(all);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Indexes set && bits.equals(set.bits);
  }

  @Override
  public int hashCode() {
    return bits.hashCode();
  }

  @Override
  public String toString() {
    return bits.toString();
  }
}
