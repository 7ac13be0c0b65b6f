package dev.areaflow.api.audit;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Act;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Attempts;
import dev.areaflow.api.http.AuditLog;
import dev.areaflow.api.http.Caller;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table of who did what. What was done is written in its transaction. What was refused is
 * written if the caller could not or may not do it, not if the request was unusable, and bounded
 * for each caller. Safe for several threads.
 */
public final class Audit implements AuditLog {
  private static final Logger LOG = LoggerFactory.getLogger(Audit.class);
  private static final int LEAST_REFUSAL = 400;
  private static final int LEAST_FAULT = 500;

  private static final int MOST_ADDRESS_CHARACTERS = 64;

  /** Not logged in as that one, may not, no such thing, not now, changed meanwhile. */
  private static final Set<Integer> REFUSALS = Set.of(401, 403, 404, 409, 412);

  private final Database database;
  private final Duration retention;
  private final Clock clock;
  private final Attempts refusals = new Attempts(60, Duration.ofHours(1));

  public Audit(Database database, AuditConfig config, Clock clock) {
    this.database = database;
    this.retention = config.retention();
    this.clock = clock;
  }

  @Override
  public Answer done(Act act, Supplier<Answer> doing) {
    return database
        .jdbi()
        .inTransaction(
            handle -> {
              Answer answer = doing.get();
              if (answer.status() < LEAST_REFUSAL) {
                act.madeBy(answer);
                write(handle, act, answer.status());
              }
              return answer;
            });
  }

  @Override
  public void ended(Act act, int status) {
    if (status >= LEAST_REFUSAL && status < LEAST_FAULT && !isWorthALine(act, status)) {
      return;
    }
    try {
      database.jdbi().useHandle(handle -> write(handle, act, status));
    } catch (RuntimeException e) {
      LOG.error(
          "the audit log lacks {} of {} by {} from {}, answered {}: {}",
          act.kind(),
          act.subject(),
          act.user(),
          act.address(),
          status,
          e.getMessage());
    }
  }

  private boolean isWorthALine(Act act, int status) {
    @Nullable UUID user = act.user();
    return REFUSALS.contains(status)
        && refusals.takeOneLeft(user == null ? act.address() : user.toString());
  }

  private void write(Handle handle, Act act, int status) {
    Optional<Caller.Credential> credential = act.caller().map(Caller::credential);
    handle
        .createUpdate(
            "INSERT INTO audit (at, actor_id, credential, credential_id, token_name, address,"
                + " kind, subject, outcome, status, detail)"
                + " VALUES (:at, CAST(:actor AS uuid), :credential, CAST(:credentialId AS uuid),"
                + " :token, :address, :kind, :subject, :outcome, :status, :detail)")
        .bind("at", column(clock.instant()))
        .bind("actor", act.user())
        .bind("credential", credential.map(Audit::kind).orElse(null))
        .bind("credentialId", credential.map(Caller.Credential::id).orElse(null))
        .bind("token", act.caller().map(caller -> caller.actor().token()).orElse(null))
        .bind("address", bounded(act.address()))
        .bind("kind", act.kind())
        .bind("subject", act.subject())
        .bind("outcome", outcome(status))
        .bind("status", status)
        .bind("detail", act.detail())
        .execute();
  }

  /** What a proxy passes on may be anything. */
  private static String bounded(String address) {
    return address.substring(0, Math.min(address.length(), MOST_ADDRESS_CHARACTERS));
  }

  private static String kind(Caller.Credential credential) {
    return switch (credential) {
      case Caller.Credential.ApiToken _ -> "token";
      case Caller.Credential.SessionToken _, Caller.Credential.SessionCookie _ -> "session";
    };
  }

  private static String outcome(int status) {
    return status < LEAST_REFUSAL ? "done" : status < LEAST_FAULT ? "refused" : "failed";
  }

  /**
   * What a list is narrowed to.
   *
   * @param kind a kind, or what stands before the point in several
   * @param from included
   * @param to not included
   */
  record Filter(
      Optional<UUID> actor,
      Optional<String> subject,
      Optional<String> kind,
      Optional<Instant> from,
      Optional<Instant> to) {

    private String sql() {
      return (actor.isPresent() ? " AND a.actor_id = :actor" : "")
          + (subject.isPresent() ? " AND a.subject = :subject" : "")
          + (kind.isPresent() ? " AND (a.kind = :kind OR starts_with(a.kind, :kind || '.'))" : "")
          + (from.isPresent() ? " AND a.at >= :from" : "")
          + (to.isPresent() ? " AND a.at < :to" : "");
    }

    private Map<String, Object> parameters() {
      Map<String, Object> parameters = new HashMap<>();
      actor.ifPresent(id -> parameters.put("actor", id));
      subject.ifPresent(id -> parameters.put("subject", id));
      kind.ifPresent(of -> parameters.put("kind", of));
      from.ifPresent(time -> parameters.put("from", column(time)));
      to.ifPresent(time -> parameters.put("to", column(time)));
      return parameters;
    }
  }

  /** A page of entries, newest first. */
  List<AuditEntry> list(Filter filter, Optional<UUID> after, int limit) {
    Map<String, Object> parameters = filter.parameters();
    after.ifPresent(id -> parameters.put("after", id));
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT a.*, u.email FROM audit a LEFT JOIN users u ON u.id = a.actor_id"
                            + " WHERE true"
                            + filter.sql()
                            + (after.isPresent()
                                ? " AND (a.at, a.id) <"
                                    + " ((SELECT at FROM audit WHERE id = :after), :after)"
                                : "")
                            + " ORDER BY a.at DESC, a.id DESC LIMIT :limit")
                    .bindMap(parameters)
                    .bind("limit", limit)
                    .map((row, context) -> AuditEntry.of(row))
                    .list());
  }

  /** Removes what is not kept any more; to be called now and then. */
  public void forgetOld() {
    database.forget("audit", "at", clock.instant().minus(retention));
  }

  private static OffsetDateTime column(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
