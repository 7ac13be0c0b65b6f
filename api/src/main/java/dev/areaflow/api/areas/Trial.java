package dev.areaflow.api.areas;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.areaflow.api.areas.Definition.ActionUse;
import dev.areaflow.api.http.Json;
import dev.areaflow.catalog.InvalidInputsException;
import dev.areaflow.catalog.Reaction;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.expressions.AreaExpressions;
import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.expressions.Meta;
import dev.areaflow.schemas.rows.Plan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * What a definition would do with an event: the verdict, and the requests that would be sent. No
 * side effects. Safe for several threads.
 */
final class Trial {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final ServiceCatalog catalog;
  private final Expressions expressions;

  Trial(ServiceCatalog catalog, Expressions expressions) {
    this.catalog = catalog;
    this.expressions = expressions;
  }

  /**
   * Tries a definition.
   *
   * @param action what the event is one of
   * @param event the body that would be delivered
   * @param at when
   */
  ObjectNode run(Checked checked, ActionUse action, JsonNode event, Instant at) {
    Plan plan = checked.plan();
    Meta meta = new Meta("try", at, action.service(), action.action(), action.id());
    Bindings bindings = Bindings.of(event, meta);
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ObjectNode verdict = answer.putObject("verdict");
    answer.set("event", event);
    var requests = answer.putArray("requests");
    String condition = plan.condition();
    if (condition != null) {
      try {
        if (!expressions.condition(condition).matches(bindings)) {
          verdict.put("result", "filtered").put("detail", "The condition does not hold.");
          return answer;
        }
      } catch (EvaluationException e) {
        verdict.put("result", "error").put("detail", e.getMessage());
        return answer;
      }
    }
    verdict.put("result", "matched").putNull("detail");
    AreaExpressions area = expressions.ofArea();
    if (plan.rule() != null) {
      verdict.put(
          "detail", "The rule would get it; this is what it would do with this event alone.");
      area = area.ofCollected();
      bindings = Bindings.of(List.of(new Bindings.Collected(meta, Json.write(event))), null);
    }
    requests.addAll(new TrialRun(plan, catalog, area, bindings, at, this::request).show());
    return answer;
  }

  /** The answer where an event does not get as far as the condition. */
  static ObjectNode filtered(JsonNode event, String detail) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.putObject("verdict").put("result", "filtered").put("detail", detail);
    answer.set("event", event);
    answer.putArray("requests");
    return answer;
  }

  private void request(ObjectNode json, Plan.Step step, JsonNode inputs) {
    Reaction reaction = catalog.reaction(step.service(), step.reaction()).orElseThrow();
    try {
      OutboundRequest request = reaction.request(inputs);
      json.put("method", request.method());
      json.put("url", request.uri().toString());
      ObjectNode headers = json.putObject("headers");
      request.headers().forEach(headers::put);
      json.set("body", request.body().map(bytes -> body(request, bytes)).orElse(null));
    } catch (InvalidInputsException e) {
      json.put("error", e.getMessage());
    }
  }

  /** A body as it reads best: JSON that is sent as JSON as such, else text, else Base64. */
  private static JsonNode body(OutboundRequest request, byte[] bytes) {
    if (!isJson(request)) {
      return text(bytes);
    }
    try {
      JsonNode tree = JSON.readTree(bytes);
      return tree.isMissingNode() ? text(bytes) : tree;
    } catch (JacksonException e) {
      return text(bytes);
    } catch (IOException e) {
      throw new IllegalStateException("an array of bytes is always readable", e);
    }
  }

  private static boolean isJson(OutboundRequest request) {
    return request.headers().entrySet().stream()
        .filter(header -> header.getKey().equalsIgnoreCase("Content-Type"))
        .map(header -> header.getValue().split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
        .anyMatch(type -> type.equals("application/json") || type.endsWith("+json"));
  }

  private static JsonNode text(byte[] bytes) {
    try {
      return TextNode.valueOf(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return TextNode.valueOf(Base64.getEncoder().encodeToString(bytes));
    }
  }
}
