package dev.areaflow.api;

import dev.areaflow.api.accounts.Accounts;
import dev.areaflow.api.areas.AreaUpkeep;
import dev.areaflow.api.audit.Audit;
import dev.areaflow.api.connections.Consents;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.deadletters.DeadLetters;
import dev.areaflow.api.http.Idempotency;
import dev.areaflow.api.runs.RunRequests;
import dev.areaflow.api.stats.Stats;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes what is kept for a time only, and pauses what only fails. Never throws. */
record Housekeeping(
    Database database,
    Accounts accounts,
    Idempotency idempotency,
    AreaUpkeep areas,
    Consents consents,
    RunRequests requests,
    DeadLetters letters,
    Audit audit,
    Stats stats)
    implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

  @Override
  public void run() {
    attempt("expired sessions", accounts::forgetExpired);
    attempt("expired answers", idempotency::forgetOld);
    attempt("consents that nobody gave", () -> database.jdbi().useHandle(consents::forgetExpired));
    attempt("old entries of the audit log", audit::forgetOld);
    attempt("old figures", stats::forgetOld);
    attempt("requests and replays of long ago", requests::forgetOld);
    attempt("dead letters that are not kept any more", letters::forgetOld);
    attempt(
        "AREAs that only fail",
        () -> database.jdbi().useTransaction(areas::pauseFailing),
        "paused");
    attempt("AREAs deleted long ago", () -> database.jdbi().useTransaction(areas::purge));
  }

  private static void attempt(String what, Runnable deletion) {
    attempt(what, deletion, "deleted");
  }

  private static void attempt(String what, Runnable chore, String done) {
    try {
      chore.run();
    } catch (RuntimeException e) {
      // an exception would end the schedule; what is left now is taken next time
      LOG.warn("{} are not {} now: {}", what, done, e.getMessage());
    }
  }
}
