package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.networknt.schema.Schema;
import dev.areaflow.catalog.yaml.UnreadableYamlException;
import dev.areaflow.catalog.yaml.YamlDocument;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.expressions.InvalidExpressionException;
import dev.areaflow.expressions.ItemCondition;
import dev.areaflow.expressions.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes services of manifests and the files beside them. */
final class ManifestLoader {
  static final String MANIFEST = "manifest.yaml";
  private static final String GUIDE = "docs.md";

  private static final String MANIFEST_SCHEMA =
      "/dev/areaflow/schemas/service-manifest.schema.json";
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final InputsValidator validator = new InputsValidator();
  private final ServiceAddresses addresses;
  private final Schema manifests = validator.compile(manifestSchema());

  /**
   * @param addresses where the operator has services elsewhere
   */
  ManifestLoader(ServiceAddresses addresses) {
    this.addresses = addresses;
  }

  /** Where a service's files are. */
  @FunctionalInterface
  interface Folder {
    /** The content of a file; null where there is none. */
    byte @Nullable [] read(String name) throws IOException;
  }

  /**
   * Reads a service.
   *
   * @param id the service, and the name of its folder in messages
   * @throws InvalidManifestException with every problem of the manifest, each with file and line
   */
  Service load(String id, Folder folder) {
    YamlDocument document = document(id, folder);
    Manifest manifest = manifest(document);
    List<String> problems = new ArrayList<>();
    if (!manifest.id().equals(id)) {
      problems.add(document.problem("/id", "expected the folder's name, " + id));
    }
    AuthParts parts = new AuthParts(document, problems);
    Optional<Endpoint> endpoint =
        parts
            .endpoint(manifest.http(), manifest.auth())
            .map(there -> addresses.moved(id, there, problems));
    Auth auth = addresses.moved(id, parts.auth(manifest.auth(), manifest.http()));
    parts.checkScopes(manifest);
    List<OptionList> options =
        options(manifest.options(), endpoint.orElse(null), document, problems);
    Set<String> ids = new HashSet<>();
    List<Action> actions = new ArrayList<>();
    for (int i = 0; i < manifest.actions().size(); i++) {
      Manifest.ActionPart part = manifest.actions().get(i);
      requireNew(ids, part.id(), document, "/actions/" + i, problems);
      action(
              id,
              part,
              auth.isNeeded(),
              options,
              endpoint,
              "/actions/" + i,
              document,
              folder,
              problems)
          .ifPresent(actions::add);
    }
    ids.clear();
    List<Reaction> reactions = new ArrayList<>();
    for (int i = 0; i < manifest.reactions().size(); i++) {
      Manifest.ReactionPart part = manifest.reactions().get(i);
      requireNew(ids, part.id(), document, "/reactions/" + i, problems);
      reaction(id, part, options, endpoint, "/reactions/" + i, document, folder, problems)
          .ifPresent(reactions::add);
    }
    new OptionUses(manifest, document).lint(problems);
    if (!problems.isEmpty()) {
      throw new InvalidManifestException(problems);
    }
    return new Service(
        manifest.id(),
        manifest.name(),
        manifest.version(),
        manifest.description(),
        guide(id, folder),
        endpoint,
        auth,
        actions,
        reactions,
        options);
  }

  private static List<OptionList> options(
      @Nullable Map<String, Manifest.OptionsPart> parts,
      @Nullable Endpoint endpoint,
      YamlDocument document,
      List<String> problems) {
    List<OptionList> options = new ArrayList<>();
    if (parts != null) {
      parts.forEach(
          (name, part) -> {
            List<Problem> found = new ArrayList<>();
            options.add(new OptionList(name, part, endpoint, found));
            found.forEach(
                p ->
                    problems.add(
                        document.problem("/dynamic_options/" + name + p.pointer(), p.detail())));
          });
    }
    return options;
  }

  /** A manifest as it is written. */
  YamlDocument document(String id, Folder folder) {
    String file = id + "/" + MANIFEST;
    try {
      return YamlDocument.parse(file, new String(required(folder, file), UTF_8));
    } catch (UnreadableYamlException e) {
      throw new InvalidManifestException(List.of(String.valueOf(e.getMessage())));
    }
  }

  /** Checks a manifest against its JSON Schema and reads it. */
  Manifest manifest(YamlDocument document) {
    List<String> problems =
        InputsValidator.problems(manifests, document.root(), false).stream()
            .map(problem -> document.problem(problem.pointer(), problem.detail()))
            .toList();
    if (!problems.isEmpty()) {
      throw new InvalidManifestException(problems);
    }
    try {
      return JSON.treeToValue(document.root(), Manifest.class);
    } catch (InvalidFormatException e) {
      throw new InvalidManifestException(
          List.of(
              document.problem(
                  pointer(e),
                  "expected a " + e.getTargetType().getSimpleName() + ", found " + e.getValue())));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the manifest's JSON Schema and records disagree", e);
    }
  }

  /** Where a text is that its schema takes and its type does not, for example the duration P1M. */
  private static String pointer(InvalidFormatException e) {
    return e.getPath().stream()
        .map(at -> "/" + (at.getFieldName() == null ? at.getIndex() : at.getFieldName()))
        .collect(Collectors.joining());
  }

  private static void requireNew(
      Set<String> ids, String id, YamlDocument document, String at, List<String> problems) {
    if (!ids.add(id)) {
      problems.add(document.problem(at + "/id", "expected an id that is not taken: " + id));
    }
  }

  private Optional<Action> action(
      String service,
      Manifest.ActionPart part,
      boolean needsAccount,
      List<OptionList> options,
      Optional<Endpoint> endpoint,
      String at,
      YamlDocument document,
      Folder folder,
      List<String> problems) {
    checkInputs(part.inputs(), at + "/inputs", document, problems);
    Inputs inputs = Inputs.of(part.inputs(), options);
    @Nullable JsonNode schema =
        json(service, part.output().schema(), at + "/output/schema", document, folder, problems);
    @Nullable JsonNode sample =
        json(service, part.output().sample(), at + "/output/sample", document, folder, problems);
    boolean objectsOnly = schema != null && schema.path("type").asText().equals("object");
    ActionSource source =
        source(part, objectsOnly, needsAccount, inputs, endpoint, at, document, problems);
    return schema == null || sample == null
        ? Optional.empty()
        : Optional.of(
            new Action(
                part.id(),
                part.description(),
                inputs.schema(),
                schema,
                sample,
                source,
                part.scopes() == null ? List.of() : part.scopes()));
  }

  private static ActionSource source(
      Manifest.ActionPart part,
      boolean objectsOnly,
      boolean needsAccount,
      Inputs inputs,
      Optional<Endpoint> endpoint,
      String at,
      YamlDocument document,
      List<String> problems) {
    if (part.clock() != null) {
      return new ActionSource.Clock(part.clock());
    }
    Manifest.WebhookPart pushed = part.webhook();
    Manifest.PollPart polled = part.poll();
    if (pushed == null) {
      return poll(
          requireNonNull(polled), null, null, inputs, endpoint, at + "/poll", document, problems);
    }
    List<Webhook.Verification> verifications =
        verifications(pushed, inputs, at + "/webhook", document, problems);
    Optional<Subscription> subscription =
        subscription(
            pushed.subscribe(), inputs, endpoint, at + "/webhook/subscribe", document, problems);
    Webhook webhook = new Webhook(pushed, verifications, subscription, objectsOnly, null);
    if (webhook.wakes() != (polled != null && part.canonicalId() == null)) {
      problems.add(
          document.problem(
              at + "/webhook",
              "expected mode: wake beside a poll without canonical_id, and nowhere else"));
    }
    if (polled == null) {
      return webhook;
    }
    if (part.canonicalId() == null) {
      return poll(polled, null, webhook, inputs, endpoint, at + "/poll", document, problems);
    }
    CanonicalId id = new CanonicalId(part.canonicalId());
    return new ActionSource.Both(
        webhook,
        new Webhook(pushed, verifications, subscription, objectsOnly, id),
        poll(
            polled,
            id,
            null,
            needsAccount ? inputs.allGiven() : inputs,
            endpoint,
            at + "/poll",
            document,
            problems),
        needsAccount);
  }

  /** Checks what a schema cannot say of a list of inputs: their keys, and their defaults. */
  private void checkInputs(
      List<ObjectNode> inputs, String at, YamlDocument document, List<String> problems) {
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < inputs.size(); i++) {
      ObjectNode input = inputs.get(i);
      String key = input.path("key").asText();
      if (!keys.add(key)) {
        problems.add(
            document.problem(at + "/" + i + "/key", "expected a key that is not taken: " + key));
      }
      if (input.has("default")) {
        ObjectNode schema = input.deepCopy();
        schema.remove(List.of("key", "required", "options"));
        for (Problem problem :
            InputsValidator.problems(validator.compile(schema), input.get("default"), false)) {
          problems.add(
              document.problem(
                  at + "/" + i + "/default" + problem.pointer(),
                  "does not fit its own input: " + problem.detail()));
        }
      }
    }
  }

  private static PollSource poll(
      Manifest.PollPart part,
      @Nullable CanonicalId canonicalId,
      @Nullable Webhook wake,
      Inputs inputs,
      Optional<Endpoint> endpoint,
      String at,
      YamlDocument document,
      List<String> problems) {
    for (Problem problem :
        RequestTemplate.lint(
            part.request(),
            inputs,
            document.root().has("http"),
            part.cursor() == null
                ? Set.of(RequestQuery.NOW)
                : Set.of(RequestQuery.NOW, References.CURSOR))) {
      problems.add(document.problem(at + "/request" + problem.pointer(), problem.detail()));
    }
    PollParts.lint(part, inputs, document.root().has("http"))
        .forEach(p -> problems.add(document.problem(at + p.pointer(), p.detail())));
    boolean newestFirst = "newest_first".equals(part.order());
    if (part.paginate() != null && part.etag() && !newestFirst) {
      problems.add(
          document.problem(
              at + "/etag",
              "expected false: the first page does not change when new items are on the last"));
    }
    if (part.cursor() != null
        && part.cursor().next().max() != null
        && part.cursor().init() == null
        && newestFirst) {
      problems.add(
          document.problem(
              at + "/order",
              "expected oldest_first, so that a poll goes on where the one before was cut; ask the"
                  + " provider for that order, or go on from a time with /cursor/init: now"));
    }
    if (canonicalId != null
        && (part.again() || (part.cursor() != null && remembers(part.cursor().init())))) {
      problems.add(
          document.problem(at, "expected neither again nor remember together with canonical_id"));
    }
    @Nullable ItemCondition where = null;
    if (part.where() != null) {
      try {
        where = Expressions.itemCondition(part.where());
      } catch (InvalidExpressionException e) {
        e.problems().forEach(p -> problems.add(document.problem(at + "/where", p.detail())));
      }
    }
    @Nullable PollDetail detail = null;
    if (part.detail() != null) {
      List<Problem> found = new ArrayList<>();
      detail =
          PollDetail.of(
              part.detail(),
              part.time() == null ? List.of() : part.time(),
              inputs,
              endpoint.orElse(null),
              document.root().has("http"),
              found);
      boolean isTime = part.cursor() != null && part.cursor().type().equals("time");
      boolean isResumed = part.detail().resume() != null;
      if (newestFirst && isResumed) {
        found.add(new Problem("", "expected the poll's order to be oldest_first"));
      }
      if (!isTime && !isResumed) {
        found.add(
            new Problem(
                "/resume", "expected where an item has the cursor for what comes after it"));
      }
      found.forEach(p -> problems.add(document.problem(at + "/detail" + p.pointer(), p.detail())));
    }
    PollSource source =
        new PollSource(part, where, detail, canonicalId, inputs, endpoint.orElse(null), wake);
    if (source.everyInput() != null) {
      requireInput(inputs, source.everyInput(), document, at + "/every/input", problems);
    }
    source
        .places()
        .forEach(
            (name, place) -> {
              if (place.input() != null) {
                requireInput(inputs, place.input(), document, at + "/" + name + "/input", problems);
              }
            });
    return source;
  }

  private static boolean remembers(Manifest.@Nullable InitPart init) {
    return init != null && init.remember();
  }

  private static List<Webhook.Verification> verifications(
      Manifest.WebhookPart part,
      Inputs inputs,
      String at,
      YamlDocument document,
      List<String> problems) {
    List<Manifest.OnlyPart> only = part.only() == null ? List.of() : part.only();
    for (int i = 0; i < only.size(); i++) {
      requireInput(inputs, only.get(i).input(), document, at + "/only/" + i + "/input", problems);
    }
    List<Webhook.Verification> verifications = new ArrayList<>();
    List<Manifest.VerifyPart> verify = part.verify() == null ? List.of() : part.verify();
    for (int i = 0; i < verify.size(); i++) {
      String place = at + "/verify" + (document.root().at(at + "/verify").isArray() ? "/" + i : "");
      verifications.add(verification(verify.get(i), inputs, place, document, problems));
      if (String.valueOf(verify.get(i).signed()).contains("${form}")
          && part.formField() == null
          && !part.formFields()) {
        problems.add(
            document.problem(
                place + "/signed",
                "has ${form}; expected form_fields or form_field beside verify, or no form is"
                    + " taken"));
      }
    }
    return verifications;
  }

  private static Optional<Subscription> subscription(
      Manifest.@Nullable SubscribePart part,
      Inputs inputs,
      Optional<Endpoint> endpoint,
      String at,
      YamlDocument document,
      List<String> problems) {
    if (part == null) {
      return Optional.empty();
    }
    Map<String, ObjectNode> requests = new TreeMap<>();
    if (part.find() != null) {
      requests.put("/find/request", part.find().request());
    }
    requests.put("/request", part.request());
    requests.put("/remove", part.remove());
    if (part.update() != null) {
      requests.put("/update", part.update());
    }
    if (part.renew() != null) {
      requests.put("/renew", part.renew());
    }
    Set<String> references = Subscription.references(part);
    requests.forEach(
        (place, request) -> {
          for (Problem problem :
              RequestTemplate.lint(
                  request, inputs, document.root().has("http"), references, true)) {
            problems.add(document.problem(at + place + problem.pointer(), problem.detail()));
          }
        });
    Manifest.ExpiryPart ends = part.expires();
    if (ends != null && ends.renewBefore().compareTo(ends.after()) >= 0) {
      problems.add(document.problem(at + "/expires/renew_before", "expected less than after"));
    }
    return endpoint.map(there -> new Subscription(part, inputs, there));
  }

  private static Webhook.Verification verification(
      Manifest.VerifyPart verify,
      Inputs inputs,
      String at,
      YamlDocument document,
      List<String> problems) {
    SignatureScheme scheme = SignatureScheme.of(verify);
    if (verify.publicKey() != null) {
      requireKey(inputs, verify.publicKey(), document, at + "/public_key", problems);
    }
    Manifest.WhenPart when = verify.when();
    if (when == null) {
      return new Webhook.Verification(scheme, null, null, null);
    }
    requireInput(inputs, when.input(), document, at + "/when/input", problems);
    requireChoice(inputs, when, document, at + "/when/equals", problems);
    return new Webhook.Verification(
        scheme,
        when.input(),
        when.equals(),
        inputs.input(when.input()).path("default").textValue());
  }

  private static void requireInput(
      Inputs inputs, String key, YamlDocument document, String at, List<String> problems) {
    if (!inputs.keys().contains(key)) {
      problems.add(document.problem(at, "expected one of the inputs " + inputs.keys()));
    }
  }

  /** A hook without its sender's key could never take a delivery. */
  private static void requireKey(
      Inputs inputs, String key, YamlDocument document, String at, List<String> problems) {
    requireInput(inputs, key, document, at, problems);
    boolean required = false;
    for (JsonNode each : inputs.schema().path("required")) {
      required |= each.asText().equals(key);
    }
    if (inputs.keys().contains(key) && !required) {
      problems.add(document.problem(at, "expected an input with required: true"));
    }
  }

  /** A value that an input cannot have would leave deliveries unverified for ever. */
  private static void requireChoice(
      Inputs inputs,
      Manifest.WhenPart when,
      YamlDocument document,
      String at,
      List<String> problems) {
    JsonNode choices = inputs.input(when.input()).path("enum");
    Set<String> texts = new TreeSet<>();
    choices.forEach(choice -> texts.add(choice.asText()));
    if (!choices.isMissingNode() && !texts.contains(when.equals())) {
      problems.add(document.problem(at, "expected one of " + texts));
    }
  }

  private Optional<Reaction> reaction(
      String service,
      Manifest.ReactionPart part,
      List<OptionList> options,
      Optional<Endpoint> endpoint,
      String at,
      YamlDocument document,
      Folder folder,
      List<String> problems) {
    checkInputs(part.inputs(), at + "/inputs", document, problems);
    Inputs inputs = Inputs.of(part.inputs(), options);
    for (Problem problem :
        RequestTemplate.lint(part.request(), inputs, document.root().has("http"), Set.of())) {
      problems.add(document.problem(at + "/request" + problem.pointer(), problem.detail()));
    }
    @Nullable JsonNode schema =
        json(service, part.output().schema(), at + "/output/schema", document, folder, problems);
    @Nullable JsonNode sample =
        json(service, part.output().sample(), at + "/output/sample", document, folder, problems);
    return schema == null || sample == null
        ? Optional.empty()
        : Optional.of(
            new Reaction(
                part,
                inputs,
                endpoint.orElse(null),
                validator.compile(inputs.schema()),
                schema,
                sample));
  }

  private static @Nullable JsonNode json(
      String service,
      String name,
      String at,
      YamlDocument document,
      Folder folder,
      List<String> problems) {
    try {
      byte @Nullable [] content = folder.read(name);
      if (content == null) {
        problems.add(document.problem(at, "expected a file " + service + "/" + name));
        return null;
      }
      JsonNode read = JSON.readTree(content);
      if (read.isMissingNode()) {
        problems.add(service + "/" + name + ":1: is empty");
        return null;
      }
      return read;
    } catch (JsonProcessingException e) {
      problems.add(
          service + "/" + name + ":" + e.getLocation().getLineNr() + ": " + e.getOriginalMessage());
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(service + "/" + name + " cannot be read", e);
    }
  }

  private static String guide(String service, Folder folder) {
    try {
      byte @Nullable [] content = folder.read(GUIDE);
      return content == null ? "" : new String(content, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(service + "/" + GUIDE + " cannot be read", e);
    }
  }

  private static byte[] required(Folder folder, String file) {
    try {
      byte @Nullable [] content = folder.read(MANIFEST);
      if (content == null) {
        throw new InvalidManifestException(List.of(file + ": there is no such file"));
      }
      return content;
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  private static JsonNode manifestSchema() {
    try (InputStream in = ManifestLoader.class.getResourceAsStream(MANIFEST_SCHEMA)) {
      if (in == null) {
        throw new IllegalStateException(MANIFEST_SCHEMA + " is missing from the program");
      }
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(MANIFEST_SCHEMA + " cannot be read", e);
    }
  }
}
