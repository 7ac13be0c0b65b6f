package dev.areaflow.api.http;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with a body, so that one answer names all of it. Not for sharing. */
public final class Violations {
  private final List<Violation> found = new ArrayList<>();

  /** Notes a violation. */
  public Violations add(String pointer, String detail) {
    found.add(new Violation(pointer, detail));
    return this;
  }

  /** Notes a violation unless the rule holds. */
  public Violations check(boolean holds, String pointer, String detail) {
    return holds ? this : add(pointer, detail);
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  /**
   * Ends the check.
   *
   * @throws Problem 422 with every violation noted so far, if there is any
   */
  public void raise() {
    if (!found.isEmpty()) {
      throw Problem.invalid(found);
    }
  }
}
