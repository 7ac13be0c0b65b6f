package dev.areaflow.api.backtests;

import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.catalog.Reaction;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.Backtester;
import dev.areaflow.schemas.backtest.Selection;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Answers with backtests, of which some go on at a time. Safe for several threads. */
public final class Backtests {
  private static final int MOST_IN_ALL = 4;

  private final ServiceCatalog catalog;
  private final Backtester backtester;
  private final BacktestPlaces places = new BacktestPlaces(MOST_IN_ALL);

  /**
   * @param catalog has the samples that stand for answers
   */
  public Backtests(ServiceCatalog catalog, Backtester backtester) {
    this.catalog = catalog;
    this.backtester = backtester;
  }

  /**
   * What an AREA would have done, as lines of the kind that the caller accepts. Rules see events of
   * before {@code from} as far back as they remember.
   *
   * @param area as it would be stored
   * @param begun when its rule began to remember, which matters if it is not after {@code from};
   *     null where it is as if it always had
   * @param from arrival of the first event
   * @param to exclusive, after {@code from}
   * @throws dev.areaflow.api.http.Problem 429 where too many go on
   */
  public Answer answer(
      Call call,
      AreaRow area,
      @Nullable Instant begun,
      Instant from,
      Instant to,
      Selection selection,
      Backtest.Manner manner) {
    Plan plan = Plan.parse(area.plan());
    Backtest backtest =
        new Backtest(area, begin(plan, begun, from), from, to, selection, manner, samples(plan));
    String mediaType =
        call.header("Accept").filter(accept -> accept.contains(BacktestStream.EVENTS)).isPresent()
            ? BacktestStream.EVENTS
            : BacktestStream.LINES;
    UUID user = call.caller().userId();
    places.take(user);
    return Answer.streamed(
        mediaType, new BacktestStream(backtester, backtest, mediaType, () -> places.leave(user)));
  }

  private static Instant begin(Plan plan, @Nullable Instant begun, Instant from) {
    Duration reach = Optional.ofNullable(plan.rule()).map(RulePlan::reach).orElse(Duration.ZERO);
    Instant begin = from.minus(reach);
    return begun == null || begun.isAfter(from) || begun.isBefore(begin) ? begin : begun;
  }

  private Map<String, String> samples(Plan plan) {
    Map<String, String> samples = new HashMap<>();
    for (Plan.Step step : plan.all()) {
      catalog
          .reaction(step.service(), step.reaction())
          .map(Reaction::sample)
          .ifPresent(sample -> samples.put(step.id(), sample.toString()));
    }
    return samples;
  }
}
