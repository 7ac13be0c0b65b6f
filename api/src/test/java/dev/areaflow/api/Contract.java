package dev.areaflow.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.areaflow.schemas.documents.OpenApi;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The OpenAPI document as a judge of exchanges. An answer must be documented for its path, method
 * and status, with its media type and headers, and its body must fit the schema, to which tests
 * allow no undocumented field. A request that succeeded must be documented too: its parameters and
 * its body.
 *
 * <p>OpenAPI 3.1 schemas are JSON Schema 2020-12, so that a JSON Schema validator judges them as
 * they stand. Safe for several threads.
 */
final class Contract {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SCHEMAS = "components";

  private final JsonNode document;
  private final JsonNode closedComponents;
  private final Map<String, Pattern> paths = new LinkedHashMap<>();
  private final Map<JsonNode, Schema> validators = new ConcurrentHashMap<>();

  Contract() {
    try {
      this.document = JSON.readTree(OpenApi.json());
    } catch (IOException e) {
      throw new UncheckedIOException("the OpenAPI document is not JSON", e);
    }
    this.closedComponents = closed(document.get(SCHEMAS).deepCopy());
    document.get("paths").properties().stream()
        .map(Map.Entry::getKey)
        .sorted(Comparator.comparing(path -> path.contains("{")))
        .forEach(path -> paths.put(path, Pattern.compile(path.replaceAll("\\{[^}]+}", "[^/]+"))));
  }

  /** Methods and paths of the document, for example {@code GET /api/v1/areas/{id}}. */
  Set<String> operations() {
    return operations(operation -> true);
  }

  /** Those that take a body. */
  Set<String> operationsWithBody() {
    return operations(operation -> operation.has("requestBody"));
  }

  private Set<String> operations(Predicate<JsonNode> which) {
    Set<String> operations = new LinkedHashSet<>();
    for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        if (!operation.getKey().equals("parameters") && which.test(operation.getValue())) {
          operations.add(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
        }
      }
    }
    return operations;
  }

  /** What is wrong with an exchange, a sentence each; empty where all of it is documented. */
  List<String> violations(ContractClient.Request request, Exchange exchange) {
    List<String> wrong = new ArrayList<>();
    Optional<String> path =
        paths.entrySet().stream()
            .filter(candidate -> candidate.getValue().matcher(request.path()).matches())
            .map(Map.Entry::getKey)
            .findFirst();
    JsonNode item = document.at("/paths").path(path.orElse(""));
    JsonNode operation = item.path(request.method().toLowerCase(Locale.ROOT));
    if (operation.isMissingNode()) {
      if (exchange.status() != 404 && exchange.status() != 405) {
        wrong.add("there is no operation " + request.method() + " " + request.path());
      }
      return wrong;
    }
    JsonNode response =
        resolved(operation.at("/responses").path(Integer.toString(exchange.status())));
    if (response.isMissingNode()) {
      wrong.add("the status " + exchange.status() + " is not documented");
      return wrong;
    }
    checkHeaders(response, exchange, wrong);
    checkBody(response, exchange, wrong);
    if (exchange.status() < 300) {
      checkRequest(item, operation, request, wrong);
    }
    return wrong;
  }

  private void checkHeaders(JsonNode response, Exchange exchange, List<String> wrong) {
    for (Map.Entry<String, JsonNode> header : response.path("headers").properties()) {
      JsonNode declared = resolved(header.getValue());
      Optional<String> value = exchange.header(header.getKey());
      if (value.isPresent()) {
        validate(declared.get("schema"), JSON.getNodeFactory().textNode(value.get()))
            .forEach(error -> wrong.add("header " + header.getKey() + ": " + error));
      } else if (declared.path("required").asBoolean()) {
        wrong.add("the header " + header.getKey() + " is missing");
      }
    }
  }

  private void checkBody(JsonNode response, Exchange exchange, List<String> wrong) {
    JsonNode content = response.path("content");
    if (content.isMissingNode()) {
      if (!exchange.text().isEmpty()) {
        wrong.add("a body is not documented: " + exchange.text());
      }
      return;
    }
    String type = exchange.header("Content-Type").orElse("none").split(";", 2)[0];
    JsonNode schema = content.path(type).path("schema");
    if (schema.isMissingNode()) {
      wrong.add("the media type " + type + " is not documented");
    } else if (type.endsWith("ndjson")) {
      exchange
          .lines()
          .forEach(line -> validate(schema, line).forEach(error -> wrong.add("answer: " + error)));
    } else if (type.endsWith("json")) {
      validate(schema, exchange.body()).forEach(error -> wrong.add("answer: " + error));
    }
  }

  private void checkRequest(
      JsonNode item, JsonNode operation, ContractClient.Request request, List<String> wrong) {
    Set<String> parameters = new LinkedHashSet<>();
    item.path("parameters").forEach(p -> parameters.add(resolved(p).get("name").asText()));
    operation.path("parameters").forEach(p -> parameters.add(resolved(p).get("name").asText()));
    boolean takesAny =
        operation.findParents("explode").stream().anyMatch(p -> p.get("explode").asBoolean());
    request.queryNames().stream()
        .filter(name -> !takesAny && !parameters.contains(name))
        .forEach(name -> wrong.add("the query parameter " + name + " is not documented"));
    JsonNode schema =
        operation.path("requestBody").path("content").path("application/json").path("schema");
    if (request.body().isPresent() && !schema.isMissingNode()) {
      validate(schema, request.body().get()).forEach(error -> wrong.add("request: " + error));
    }
  }

  private JsonNode resolved(JsonNode node) {
    JsonNode reference = node.path("$ref");
    return reference.isMissingNode() ? node : document.at(reference.asText().substring(1));
  }

  private List<String> validate(JsonNode schema, JsonNode instance) {
    return validators.computeIfAbsent(schema, this::validator).validate(instance).stream()
        .map(Error::toString)
        .toList();
  }

  private Schema validator(JsonNode schema) {
    ObjectNode root = (ObjectNode) closed(schema.deepCopy());
    root.set(SCHEMAS, closedComponents);
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(root);
  }

  /** Objects whose fields are listed have no others. */
  private static JsonNode closed(JsonNode node) {
    if (node instanceof ObjectNode object
        && object.path("properties").isObject()
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
    node.forEach(Contract::closed);
    return node;
  }
}
