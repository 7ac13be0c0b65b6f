package dev.areaflow.api;

import dev.areaflow.api.accounts.Accounts;
import dev.areaflow.api.areas.Areas;
import dev.areaflow.api.connections.Consents;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.deadletters.DeadLetters;
import dev.areaflow.api.http.Idempotency;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes what is kept for a time only, when that has passed. Never throws. */
record Housekeeping(
    Database database,
    Accounts accounts,
    Idempotency idempotency,
    Areas areas,
    Consents consents,
    DeadLetters letters)
    implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

  @Override
  public void run() {
    attempt("expired sessions", accounts::forgetExpired);
    attempt("expired answers", idempotency::forgetOld);
    attempt("consents that nobody gave", () -> database.jdbi().useHandle(consents::forgetExpired));
    attempt("dead letters that are not kept any more", letters::forgetOld);
    attempt("AREAs deleted long ago", () -> database.jdbi().useTransaction(areas::purge));
  }

  private static void attempt(String what, Runnable deletion) {
    try {
      deletion.run();
    } catch (RuntimeException e) {
      // an exception would end the schedule; what is left now is taken next time
      LOG.warn("{} are not deleted now: {}", what, e.getMessage());
    }
  }
}
