package dev.areaflow.api.backtests;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.http.Json;
import dev.areaflow.schemas.backtest.BacktestLine;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import java.time.Instant;

/**
 * The lines of a backtest in JSON.
 *
 * @param plan what is tried; its condition and its rule name what was refused and dropped
 */
record BacktestJson(Plan plan) {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  ObjectNode of(BacktestLine line) {
    return switch (line) {
      case BacktestLine.Firing firing -> firing(firing);
      case BacktestLine.Problem(var at, var eventId, var detail) ->
          typed("problem").put("at", at.toString()).put("eventId", eventId).put("detail", detail);
      case BacktestLine.Progress(var read, var of) ->
          typed("progress").put("read", read).put("of", of);
      case BacktestLine.Summary summary -> summary(summary);
    };
  }

  /** The last line of a backtest that did not come to its end. */
  static ObjectNode error(String title, String detail) {
    return typed("error").put("title", title).put("detail", detail);
  }

  private static ObjectNode typed(String type) {
    return NODES.objectNode().put("type", type);
  }

  private static ObjectNode firing(BacktestLine.Firing firing) {
    ObjectNode json = typed("firing").put("at", firing.at().toString());
    firing.eventIds().forEach(json.putArray("eventIds")::add);
    ArrayNode commands = json.putArray("commands");
    firing.commands().forEach(call -> commands.add(command(call, firing.at())));
    if (!firing.failures().isEmpty()) {
      ObjectNode failures = json.putObject("failures");
      firing.failures().forEach(failures::put);
    }
    if (!firing.skipped().isEmpty()) {
      ObjectNode skipped = json.putObject("skipped");
      firing.skipped().forEach(skipped::put);
    }
    return json;
  }

  private static ObjectNode command(BacktestLine.Call call, Instant firedAt) {
    ObjectNode json = NODES.objectNode().put("reaction", call.stepId());
    if (call.item() != null) {
      json.put("item", call.item());
    }
    if (call.at().isAfter(firedAt)) {
      json.put("at", call.at().toString());
    }
    json.set("inputs", Json.readStored(call.inputs()));
    if (!call.assumed().isEmpty()) {
      call.assumed().forEach(json.putArray("assumes")::add);
    }
    return json;
  }

  private ObjectNode summary(BacktestLine.Summary summary) {
    ObjectNode json =
        typed("summary")
            .put("read", summary.read())
            .put("skipped", summary.skipped())
            .put("matched", summary.matched());
    ObjectNode refused = json.putObject("refused");
    String condition = plan.condition();
    if (condition != null) {
      refused.put(condition, summary.refused());
    }
    ObjectNode dropped = json.putObject("dropped");
    RulePlan rule = plan.rule();
    if (rule != null) {
      dropped.put(rule.kind(), summary.dropped());
    }
    return json.put("fired", summary.fired())
        .put("failed", summary.erred())
        .put("repeated", summary.repeated())
        .put("scanned", summary.scanned())
        .put("seconds", summary.took().toMillis() / 1_000.0);
  }
}
