package dev.areaflow.api.deadletters;

import dev.areaflow.api.deadletters.DeadLetter.State;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Page;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.Violations;
import dev.areaflow.api.topics.LetterLog;
import dev.areaflow.api.topics.RecordView;
import dev.areaflow.api.topics.TopicsAway;
import dev.areaflow.schemas.topics.Redelivery;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Dead letters over HTTP, for admins: they may hold what is any user's. */
public final class DeadLetterRoutes implements Routes {
  private static final String PATH = "/api/v1/dead-letters";

  private final DeadLetters letters;
  private final LetterLog log;
  private final RecordView view;

  public DeadLetterRoutes(DeadLetters letters, LetterLog log, RecordView view) {
    this.letters = letters;
    this.log = log;
    this.view = view;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get(PATH, Scope.ADMIN, this::list).paged().parameters("topic", "state", "cause"),
        Route.preparedPost(PATH + "/requests", Scope.ADMIN, this::decideAll)
            .audited("dead-letter.request"),
        Route.get(PATH + "/{id}", Scope.ADMIN, this::show).auditedAfterwards("dead-letter.read"),
        Route.preparedPost(PATH + "/{id}/retry", Scope.ADMIN, this::retry)
            .audited("dead-letter.retry"),
        Route.post(PATH + "/{id}/discard", Scope.ADMIN, this::discard)
            .audited("dead-letter.discard"));
  }

  private Answer list(Call call) {
    Page page = call.page();
    DeadLetters.Filter filter =
        new DeadLetters.Filter(
            call.query("topic"), call.query("state", DeadLetterRoutes::state), call.query("cause"));
    List<DeadLetter> found = letters.list(filter, page.after(DeadLetter.Id::parse), page.fetch());
    return page.answer(found, letter -> letter.id().toString(), DeadLetter::toJson);
  }

  private static State state(String text) {
    return switch (text) {
      case "open" -> State.OPEN;
      case "retried" -> State.RETRIED;
      case "discarded" -> State.DISCARDED;
      default -> throw new IllegalArgumentException("expected one of open, retried, discarded");
    };
  }

  private DeadLetter find(Call call) {
    DeadLetter.Id id;
    try {
      id = DeadLetter.Id.parse(call.path("id"));
    } catch (IllegalArgumentException e) {
      throw Problem.notFound();
    }
    return letters.find(id).orElseThrow(Problem::notFound);
  }

  private Answer show(Call call) {
    DeadLetter letter = find(call);
    Map<String, @Nullable Object> body = letter.toJson();
    body.put("record", kept(letter).map(kept -> record(letter, kept)).orElse(null));
    return Answer.ok(body);
  }

  private Optional<dev.areaflow.schemas.avro.DeadLetter> kept(DeadLetter letter) {
    return TopicsAway.asProblem(() -> log.at(letter.id().partition(), letter.id().offset()));
  }

  private Map<String, @Nullable Object> record(
      DeadLetter letter, dev.areaflow.schemas.avro.DeadLetter kept) {
    Map<String, @Nullable Object> record = new LinkedHashMap<>();
    record.put("time", kept.getTimestamp());
    record.put("key", kept.getKey().map(view::text).orElse(null));
    record.put(
        "value",
        kept.getValue()
            .map(value -> TopicsAway.asProblem(() -> view.value(letter.topic(), value)))
            .orElse(null));
    return record;
  }

  private Route.Handler retry(Call call) {
    DeadLetter letter = find(call);
    if (letter.state() == State.RETRIED) {
      throw Problem.conflict(
          "",
          "It was retried at "
              + letter.decidedAt()
              + "; if that failed again, there is a newer letter.");
    }
    refuse(letter.topic());
    if (kept(letter).isEmpty()) {
      throw Problem.conflict("", "The letter is not kept any more, and the record with it.");
    }
    return later -> decided(letters.decide(later.caller().userId(), letter, State.RETRIED));
  }

  private static void refuse(String topic) {
    Redelivery.objection(topic)
        .ifPresent(
            objection -> {
              throw Problem.conflict("", objection);
            });
  }

  private Answer discard(Call call) {
    DeadLetter letter = find(call);
    if (letter.state() != State.OPEN) {
      throw Problem.conflict(
          "",
          "It was "
              + letter.state().name().toLowerCase(Locale.ROOT)
              + " at "
              + letter.decidedAt()
              + ".");
    }
    return decided(letters.decide(call.caller().userId(), letter, State.DISCARDED));
  }

  private static Answer decided(Optional<DeadLetter> letter) {
    return Answer.json(
        202,
        letter
            .orElseThrow(
                () -> Problem.conflict("", "Something was decided on it meanwhile; look again."))
            .toJson());
  }

  private record Many(@Nullable String kind, @Nullable Narrowed filter) {}

  private record Narrowed(@Nullable String topic, @Nullable String cause) {}

  private Route.Handler decideAll(Call call) {
    Many body = call.body(Many.class);
    Violations violations = new Violations();
    String kind = body.kind() == null ? "" : body.kind();
    violations.check(
        kind.equals("retry") || kind.equals("discard"), "/kind", "Expected one of retry, discard.");
    violations.check(
        body.filter() != null, "/filter", "Expected an object; an empty one selects all.");
    violations.raise();
    Narrowed narrowed = body.filter() == null ? new Narrowed(null, null) : body.filter();
    State state = kind.equals("retry") ? State.RETRIED : State.DISCARDED;
    if (narrowed.topic() != null && state == State.RETRIED) {
      refuse(narrowed.topic());
    }
    DeadLetters.Filter filter =
        new DeadLetters.Filter(
            Optional.ofNullable(narrowed.topic()),
            Optional.empty(),
            Optional.ofNullable(narrowed.cause()));
    return later -> decideAll(later, kind, filter, state);
  }

  private Answer decideAll(Call call, String kind, DeadLetters.Filter filter, State state) {
    DeadLetters.Decided decided = letters.decideAll(call.caller().userId(), filter, state);
    call.act().as("dead-letter." + kind).detail(decided.changed() + " letters");
    return Answer.json(
        202, Map.of("kind", kind, "changed", decided.changed(), "more", decided.more()));
  }
}
