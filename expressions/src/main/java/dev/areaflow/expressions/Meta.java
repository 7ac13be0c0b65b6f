package dev.areaflow.expressions;

import java.time.Instant;

/**
 * What expressions know of an event beside its body, as {@code meta}.
 *
 * @param id the event's id
 * @param time when it happened; a timestamp in CEL
 * @param service service id
 * @param action action id
 * @param of what an AREA of several actions calls this one; empty of an AREA with one
 */
public record Meta(String id, Instant time, String service, String action, String of) {

  /** Of an AREA with one action. */
  public Meta(String id, Instant time, String service, String action) {
    this(id, time, service, action, "");
  }
}
