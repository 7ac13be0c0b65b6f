package dev.areaflow.api;

import dev.areaflow.api.http.Act;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.AuditLog;
import java.util.function.Supplier;

/** An audit log that keeps nothing. */
public record NoAudit() implements AuditLog {
  @Override
  public Answer done(Act act, Supplier<Answer> doing) {
    return doing.get();
  }

  @Override
  public void ended(Act act, int status) {
    // kept by nobody
  }
}
