package dev.areaflow.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The documentation of services, in Markdown, made of their manifests. */
public final class ServicePage {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Samples of more lines are shown by the fields of their first level. */
  private static final int WHOLE_SAMPLE_LINES = 25;

  private static final int LONGEST_VALUE = 60;
  private static final JsonNode NO_INPUTS = JsonNodeFactory.instance.objectNode();

  private ServicePage() {}

  /** The page of one service. */
  public static String of(Service service) {
    List<String> lines = new ArrayList<>();
    lines.add("# " + service.name());
    lines.add("");
    lines.add("`" + service.id() + "` " + service.version() + ". " + service.description());
    if (!service.guide().isBlank()) {
      lines.add("");
      service.guide().strip().lines().forEach(lines::add);
    }
    List<String> needs = needs(service);
    if (!needs.isEmpty()) {
      lines.add("");
      lines.add("## What the operator sees to");
      lines.add("");
      lines.addAll(needs);
    }
    if (!service.actions().isEmpty()) {
      lines.add("");
      lines.add("## Actions");
    }
    for (Action action : service.actions()) {
      heading(service, action.id(), action.description(), lines);
      lines.add("");
      lines.addAll(arrival(action.source()));
      lines.addAll(consent(action.scopes(), action.source() instanceof PollSource));
      inputs(action.inputs(), lines);
      sample("event", action.sample(), action.output(), lines);
    }
    if (!service.reactions().isEmpty()) {
      lines.add("");
      lines.add("## Reactions");
    }
    for (Reaction reaction : service.reactions()) {
      heading(service, reaction.id(), reaction.description(), lines);
      lines.add("");
      lines.add(
          reaction
              .idempotencyHeader()
              .map(
                  header ->
                      "Every attempt of one command has the same value in the header `"
                          + header
                          + "`.")
              .orElse("The service does not recognise a repeated attempt of one command."));
      lines.addAll(consent(reaction.scopes(), true));
      inputs(reaction.inputs(), lines);
      sample("answer", reaction.sample(), reaction.output(), lines);
    }
    lines.add("");
    lines.add(
        "`./area services show "
            + service.id()
            + " --json` prints all schemas and samples whole. This page is made by `./area services"
            + " docs`.");
    return String.join("\n", lines) + "\n";
  }

  /** The page that lists services. */
  public static String index(Collection<Service> services) {
    StringBuilder page = new StringBuilder("# Services\n\n| service | actions | reactions |\n");
    page.append("|---|---|---|\n");
    for (Service service : services) {
      page.append("| [%s](%s.md) | ".formatted(cell(service.name()), service.id()))
          .append(ids(service.actions().stream().map(Action::id).toList()))
          .append(" | ")
          .append(ids(service.reactions().stream().map(Reaction::id).toList()))
          .append(" |\n");
    }
    return page.append("\nThese pages are made by `./area services docs`.\n").toString();
  }

  private static String ids(List<String> ids) {
    return ids.isEmpty()
        ? "none"
        : ids.stream().map(id -> "`" + id + "`").collect(Collectors.joining(", "));
  }

  private static void heading(Service service, String id, String description, List<String> lines) {
    lines.add("");
    lines.add("### `" + service.id() + "." + id + "`");
    lines.add("");
    lines.add(description + ".");
  }

  private static List<String> needs(Service service) {
    List<String> needs = new ArrayList<>();
    List<Webhook> webhooks =
        service.actions().stream().flatMap(action -> action.webhook().stream()).toList();
    if (!webhooks.isEmpty()) {
      needs.add(
          "- `hooks.url` (`AREA_HOOKS_URL`) must be an address of the ingress that the senders"
              + " reach.");
    }
    if (webhooks.stream().anyMatch(ServicePage::signsUrl)) {
      needs.add("- `ingest` needs the same `hooks.url` as `api`: the URL is signed.");
    }
    needs.addAll(registration(service));
    boolean calls =
        !service.reactions().isEmpty()
            || service.actions().stream()
                .anyMatch(action -> action.source().part(PollSource.class).isPresent());
    if (calls) {
      needs.add(
          "- Requests go out to public addresses; others are allowed in `egress.allow`"
              + " (`AREA_EGRESS_ALLOW`).");
    }
    return needs;
  }

  /** What people's accounts need. */
  private static List<String> registration(Service service) {
    return switch (service.auth()) {
      case Auth.OAuth2 flow -> registration(service, flow);
      case Auth.ClientCredentials way ->
          List.of(
              "- People enter a client's id and secret of their own, or use the operator's: `"
                  + String.join("` and `", OAuthClients.variables(service.id()))
                  + "`.");
      case Auth.None _, Auth.ApiKey _, Auth.Basic _, Auth.Bearer _, Auth.AsGiven _ -> List.of();
    };
  }

  private static List<String> registration(Service service, Auth.OAuth2 flow) {
    return List.of(
        "- Register this platform at "
            + service.name()
            + " with the redirect URL `PUBLIC_URL/oauth2/callback` and the scopes "
            + ids(service.scopes())
            + ", and set `"
            + String.join("` and `", OAuthClients.variables(service.id()))
            + "`"
            + (flow.ownToken() ? "; people can also enter tokens of their own." : "."),
        "- See [connections](../connections.md) for other addresses, for example of a server of"
            + " your own.");
  }

  private static List<String> consent(List<String> scopes, boolean always) {
    return scopes.isEmpty()
        ? List.of()
        : List.of(
            "",
            (always
                    ? "The consent needs "
                    : "Where a connection stands beside it, its consent needs ")
                + ids(scopes)
                + ".");
  }

  private static boolean signsUrl(Webhook webhook) {
    return webhook.verifications().stream()
        .anyMatch(
            way ->
                switch (way.scheme()) {
                  case HmacScheme hmac -> hmac.signed().hasUrl();
                  case Ed25519Scheme ed25519 -> ed25519.signed().hasUrl();
                  case TokenScheme _, JwtScheme _ -> false;
                });
  }

  private static List<String> arrival(ActionSource source) {
    return switch (source) {
      case ActionSource.Clock _ -> List.of("Events come from a clock.");
      case PollSource poll -> arrival(poll);
      case Webhook webhook -> arrival(webhook);
      case ActionSource.Both both -> {
        List<String> lines = arrival(both.webhook());
        lines.add(
            ("- %s service is asked, too, %s, and %s while its webhook is set up; what both tell"
                    + " is one event.")
                .formatted(
                    both.needsConnection() ? "With a connection the" : "The",
                    every(both.poll().every(NO_INPUTS)),
                    every(both.poll().whileSubscribed(NO_INPUTS))));
        yield lines;
      }
    };
  }

  private static List<String> arrival(PollSource poll) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "The service is asked "
            + every(poll.every(NO_INPUTS))
            + (poll.wake().isPresent()
                ? ", and when it tells the hook's URL that there is something."
                : ".")
            + (poll.listsWhatIsThere()
                ? " `first` beside `inputs` makes the newest of what there is already events, too."
                : ""));
    poll.wake().ifPresent(wake -> lines.addAll(proofs(wake)));
    return lines;
  }

  private static String every(Duration pause) {
    return "every " + span(pause).replaceFirst("^1 ", "");
  }

  private static List<String> arrival(Webhook webhook) {
    List<String> lines = new ArrayList<>();
    lines.add("Events are delivered to the hook's URL.");
    lines.addAll(proofs(webhook));
    return lines;
  }

  private static List<String> proofs(Webhook webhook) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    if (webhook.verifications().isEmpty()) {
      lines.add("- Nothing proves who sent a delivery.");
    }
    for (Webhook.Verification way : webhook.verifications()) {
      lines.add(
          "- "
              + (way.input() == null
                  ? ""
                  : "With `%s`: `%s`: ".formatted(way.input(), way.expected()))
              + proof(way.scheme())
              + ".");
    }
    webhook.challenge().ifPresent(asked -> lines.add("- " + question(asked) + "."));
    return lines;
  }

  private static String proof(SignatureScheme scheme) {
    return switch (scheme) {
      case HmacScheme hmac ->
          "%s %s of `%s` in the header `%s`%s"
              .formatted(
                  hmac.in().encoding().name().toLowerCase(Locale.ROOT),
                  hmac.algorithm().toUpperCase(Locale.ROOT).replace("HMACSHA", "HMAC-SHA-"),
                  hmac.signed().text(),
                  hmac.header(),
                  recent(hmac.signed()));
      case Ed25519Scheme ed25519 ->
          "%s Ed25519 signature of `%s` in the header `%s` under the key in the input `%s`%s"
              .formatted(
                  ed25519.in().encoding().name().toLowerCase(Locale.ROOT),
                  ed25519.signed().text(),
                  ed25519.header(),
                  ed25519.publicKey(),
                  recent(ed25519.signed()));
      case TokenScheme token -> "the hook's secret in the header `" + token.header() + "`";
      case JwtScheme jwt ->
          "JSON Web Token (HS256) under the hook's secret in the header `" + jwt.header() + "`";
    };
  }

  private static String recent(SignedText signed) {
    return signed
        .timestamp()
        .map(time -> ", made at most " + span(time.tolerance()) + " ago")
        .orElse("");
  }

  private static String question(Challenge challenge) {
    return switch (challenge) {
      case Challenge.EchoQuery(var method, var parameter) ->
          "%s with `?%s=` is answered with its value".formatted(method, parameter);
      case Challenge.Head() -> "HEAD is answered 200";
      case Challenge.Body body ->
          body.echo()
              .map(
                  echo -> "A challenge in a body is answered with its field `" + echo.field() + "`")
              .orElse("A ping is answered 204");
    };
  }

  private static String span(Duration time) {
    long seconds = time.toSeconds();
    if (seconds % 60 != 0) {
      return seconds + " s";
    }
    return seconds == 60 ? "1 minute" : seconds / 60 + " minutes";
  }

  private static void inputs(JsonNode schema, List<String> lines) {
    if (schema.path("properties").isEmpty()) {
      return;
    }
    List<String> required = new ArrayList<>();
    schema.path("required").forEach(each -> required.add(each.asText()));
    lines.add("");
    lines.add("| input | | meaning |");
    lines.add("|---|---|---|");
    for (Map.Entry<String, JsonNode> input : schema.path("properties").properties()) {
      JsonNode about = input.getValue();
      List<String> facts = new ArrayList<>();
      if (about.path("type").isTextual()) {
        facts.add(about.path("type").asText());
      }
      if (required.contains(input.getKey())) {
        facts.add("required");
      }
      if (about.has("enum")) {
        about.path("enum").forEach(choice -> facts.add(code(choice)));
      }
      if (about.has("default")) {
        facts.add("default " + code(about.path("default")));
      }
      if (about.has("options")) {
        facts.add("options " + code(about.at("/options/name")));
      }
      String example = about.has("examples") ? ", e.g. " + code(about.at("/examples/0")) : "";
      lines.add(
          "| `%s` | %s | %s%s |"
              .formatted(
                  input.getKey(),
                  String.join(", ", facts),
                  cell(about.path("description").asText()),
                  example));
    }
  }

  private static void sample(String name, JsonNode sample, JsonNode schema, List<String> lines) {
    List<String> whole = pretty(sample).lines().toList();
    lines.add("");
    if (whole.size() <= WHOLE_SAMPLE_LINES || !sample.isObject()) {
      lines.add("A sample of `" + name + "`:");
      lines.add("");
      lines.add("```json");
      lines.addAll(whole);
      lines.add("```");
      return;
    }
    lines.add("| in `" + name + "` | in the sample | |");
    lines.add("|---|---|---|");
    for (Map.Entry<String, JsonNode> field : sample.properties()) {
      lines.add(
          "| `%s.%s` | %s | %s |"
              .formatted(
                  name,
                  field.getKey(),
                  code(field.getValue()),
                  cell(
                      Optional.of(schema.at("/properties/" + field.getKey() + "/description"))
                          .map(JsonNode::asText)
                          .orElse(""))));
    }
  }

  private static String pretty(JsonNode json) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree is always writable", e);
    }
  }

  private static String code(JsonNode value) {
    String text = value.toString();
    String shown = text.length() > LONGEST_VALUE ? text.substring(0, LONGEST_VALUE) + "…" : text;
    return "`" + shown.replace("`", "'").replace("|", "\\|") + "`";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replaceAll("\\s+", " ").strip();
  }
}
