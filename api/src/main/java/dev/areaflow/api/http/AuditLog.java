package dev.areaflow.api.http;

import java.util.function.Supplier;

/** Where it is written down who did what. */
public interface AuditLog {

  /**
   * Does something, and writes down in the same transaction that it was done. What is thrown leaves
   * neither.
   */
  Answer done(Act act, Supplier<Answer> doing);

  /**
   * Writes down what became of something, by itself. Never throws.
   *
   * @param status of the answer
   */
  void ended(Act act, int status);
}
