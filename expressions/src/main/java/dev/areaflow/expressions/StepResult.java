package dev.areaflow.expressions;

import com.google.common.collect.ImmutableSet;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a step came to, as {@code steps.ID} of expressions.
 *
 * @param output UTF-8 JSON, or null where it has none; asked for when an expression reads it, as a
 *     rule once
 */
public record StepResult(Status status, Supplier<byte @Nullable []> output) {

  /** How a step ended. */
  public enum Status {
    /** It was done. */
    SUCCEEDED("it succeeded without one"),
    /** It was given up. */
    FAILED("it failed"),
    /** It was not to be done. */
    SKIPPED("it was skipped"),
    /** The owner ended it. */
    CANCELLED("it was cancelled"),
    /** Nobody knows whether it was done. */
    UNKNOWN("nobody knows whether it was done");

    static final ImmutableSet<String> TEXTS =
        Arrays.stream(values()).map(Status::text).collect(ImmutableSet.toImmutableSet());

    private final String reason;

    Status(String reason) {
      this.reason = reason;
    }

    /** As expressions see it, in lower case. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Why there is no output. */
    String reason() {
      return reason;
    }
  }

  /** A step that has no output, or none that is kept. */
  public static StepResult of(Status status) {
    return new StepResult(status, () -> null);
  }

  /**
   * A step that succeeded.
   *
   * @param output UTF-8 JSON; kept, not copied
   */
  public static StepResult succeeded(byte[] output) {
    return new StepResult(Status.SUCCEEDED, () -> output);
  }
}
