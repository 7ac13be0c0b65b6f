package dev.areaflow.api.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.Action;
import dev.areaflow.catalog.Reaction;
import dev.areaflow.catalog.Service;
import dev.areaflow.schemas.documents.OpenApi;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The JSON Schema (2020-12) of an AREA in a file: what the API document says of a definition, with
 * the services that there are. Editors complete and check with it; whether expressions fit the
 * events is only said by {@code try}.
 */
final class AreaSchema {
  private static final String ROOT = "AreaDefinition";
  private static final String DOCUMENTED = "#/components/schemas/";
  private static final String DEFINED = "#/$defs/";

  private final JsonNode documented;
  private final List<Service> services;
  private final ObjectNode definitions = JsonNodeFactory.instance.objectNode();
  private final Deque<String> needed = new ArrayDeque<>();

  private AreaSchema(JsonNode documented, List<Service> services) {
    this.documented = documented;
    this.services = services;
  }

  /** The schema, with these services. */
  static ObjectNode of(List<Service> services) {
    try {
      JsonNode document = new ObjectMapper().readTree(OpenApi.json());
      return new AreaSchema(document.at("/components/schemas"), services).schema();
    } catch (IOException e) {
      throw new UncheckedIOException("the API document is not JSON", e);
    }
  }

  private ObjectNode schema() {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema").put("title", "AREA");
    schema.setAll(taken(ROOT));
    ArrayNode either = schema.putArray("oneOf");
    either.addObject().putArray("required").add("action");
    either.addObject().putArray("required").add("actions");
    while (!needed.isEmpty()) {
      String name = needed.remove();
      if (!definitions.has(name)) {
        definitions.set(name, taken(name));
      }
    }
    List<Service> acting = having(service -> !service.actions().isEmpty());
    List<Service> reacting = having(service -> !service.reactions().isEmpty());
    use((ObjectNode) definitions.path("Action"), acting, "action", this::actions);
    use((ObjectNode) definitions.path("Actions").path("items"), acting, "action", this::actions);
    use((ObjectNode) definitions.path("Reaction"), reacting, "reaction", this::reactions);
    schema.set("$defs", definitions);
    return schema;
  }

  private List<Service> having(Predicate<Service> what) {
    return services.stream().filter(what).toList();
  }

  /** A schema of the document, with what it refers to within this one. */
  private ObjectNode taken(String name) {
    ObjectNode schema = documented.path(name).deepCopy();
    refer(schema);
    return schema;
  }

  private void refer(JsonNode node) {
    if (node instanceof ObjectNode object && object.path("$ref").isTextual()) {
      String name = object.get("$ref").textValue().substring(DOCUMENTED.length());
      object.put("$ref", DEFINED + name);
      needed.add(name);
    }
    if (node instanceof ObjectNode object && object.has("example")) {
      object.putArray("examples").add(object.remove("example"));
    }
    node.forEach(this::refer);
  }

  /** An action or a reaction as people name it, with its inputs. */
  private record Entry(String id, String description, String inputs) {}

  private List<Entry> actions(Service service) {
    return service.actions().stream()
        .map(action -> new Entry(action.id(), action.description(), inputs(service, action)))
        .toList();
  }

  private List<Entry> reactions(Service service) {
    return service.reactions().stream()
        .map(
            reaction -> new Entry(reaction.id(), reaction.description(), inputs(service, reaction)))
        .toList();
  }

  private String inputs(Service service, Action action) {
    return defined(service.id() + ".action." + action.id(), plain(action.inputs()));
  }

  private String inputs(Service service, Reaction reaction) {
    return defined(
        service.id() + ".reaction." + reaction.id(), TemplatedInputs.of(plain(reaction.inputs())));
  }

  private String defined(String name, ObjectNode inputs) {
    definitions.set(name, inputs);
    return DEFINED + name;
  }

  /** Without what is ours alone, which strict editors refuse. */
  private static ObjectNode plain(JsonNode inputs) {
    ObjectNode schema = inputs.deepCopy();
    schema.remove("$schema");
    schema.path("properties").forEach(input -> ((ObjectNode) input).remove("options"));
    return schema;
  }

  /** Says of a use which services there are, and for each of them what can be used and how. */
  private static void use(
      ObjectNode use, List<Service> offered, String what, Function<Service, List<Entry>> entries) {
    for (String named : List.of("service", what)) {
      use.withObject("/properties/" + named).remove("examples"); // editors offer them everywhere
    }
    ArrayNode ids = use.withObject("/properties/service").putArray("oneOf");
    ArrayNode rules = use.putArray("allOf");
    for (Service service : offered) {
      ids.addObject().put("const", service.id()).put("description", service.description());
      ObjectNode ofService = rules.addObject();
      require(ofService.putObject("if"), "service", service.id());
      ObjectNode then = ofService.putObject("then");
      ArrayNode choices = then.withObject("/properties/" + what).putArray("oneOf");
      for (Entry entry : entries.apply(service)) {
        choices.addObject().put("const", entry.id()).put("description", entry.description());
        ObjectNode ofEntry = then.withArray("allOf").addObject();
        require(ofEntry.putObject("if"), what, entry.id());
        ofEntry.withObject("/then/properties/inputs").put("$ref", entry.inputs());
      }
    }
  }

  private static void require(ObjectNode condition, String field, String value) {
    condition.putArray("required").add(field);
    condition.withObject("/properties/" + field).put("const", value);
  }
}
