package dev.areaflow.executors;

import dev.areaflow.catalog.http.CallBudgets;
import dev.areaflow.catalog.http.CallLimit;
import dev.areaflow.schemas.avro.Command;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What decides whether a call may be made now: its breaker, its host's limits, and what its service
 * takes. Safe for several threads.
 */
final class Admission {
  private final Breakers breakers;
  private final HostLimits limits;
  private final CallBudgets budgets;

  Admission(Breakers breakers, HostLimits limits, CallBudgets budgets) {
    this.breakers = breakers;
    this.limits = limits;
    this.budgets = budgets;
  }

  /** Whether a call may be made. */
  sealed interface Entry {
    /** It may; whoever got it tells how the host did and closes it when the call has ended. */
    record Admitted(Breakers.Permit permit, HostLimits.Entry.Admitted place)
        implements Entry, AutoCloseable {
      void tell(boolean works) {
        permit.tell(works);
      }

      @Override
      public void close() {
        place.close();
        permit.close();
      }
    }

    /** It may not, but should come back. */
    record TurnedAway(Duration retryAfter, String reason) implements Entry {}
  }

  /**
   * Asks for one call.
   *
   * @param taken how often the command's service may be called
   */
  Entry enter(Command command, URI target, List<CallLimit> taken) {
    String host = host(target);
    String caller = command.getConnectionId().orElseGet(command::getOwnerId);
    return switch (breakers.enter(new Breakers.Key(host, caller))) {
      case Breakers.Entry.KeptAway(var retryAfter, var reason) ->
          new Entry.TurnedAway(retryAfter, reason);
      case Breakers.Entry.Passed(var permit) ->
          switch (limits.enter(host)) {
            case HostLimits.Entry.TurnedAway(var retryAfter, var reason) -> {
              permit.close();
              yield new Entry.TurnedAway(retryAfter, reason);
            }
            case HostLimits.Entry.Admitted place ->
                withinBudget(command, taken, new Entry.Admitted(permit, place));
          };
    };
  }

  private Entry withinBudget(Command command, List<CallLimit> taken, Entry.Admitted admitted) {
    Optional<Duration> wait = budgets.take(command.getService(), taken, command.getConnectionId());
    if (wait.isEmpty()) {
      return admitted;
    }
    admitted.close();
    return new Entry.TurnedAway(
        wait.get(),
        "all calls that " + command.getService() + " takes were made; tried again later");
  }

  /** Says that a service takes no more calls of the command's connection for some time. */
  void refused(Command command, Duration wait) {
    budgets.refused(command.getService(), command.getConnectionId(), wait);
  }

  private static String host(URI uri) {
    int port = uri.getPort();
    if (port < 0) {
      port = "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }
    return uri.getHost().toLowerCase(Locale.ROOT) + ":" + port;
  }
}
