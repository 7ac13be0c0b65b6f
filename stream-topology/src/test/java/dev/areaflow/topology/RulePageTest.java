package dev.areaflow.topology;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the page about rules says that its examples do. */
final class RulePageTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @TempDir private Path directory;

  static Stream<RulePage.Section> sections() {
    return RulePage.sections().stream();
  }

  @ParameterizedTest
  @MethodSource("sections")
  void anExampleDoesWhatThePageSays(RulePage.Section section) {
    try (Harness topology = new Harness(directory)) {
      // given
      topology.define(area(section));

      // when
      List<String> seen =
          section.rows().stream().map(row -> row.time() + " " + happen(topology, row)).toList();

      // then
      assertThat(section.rows()).as("rows of %s", section.name()).hasSizeGreaterThan(1);
      assertThat(seen)
          .as(section.name())
          .isEqualTo(section.rows().stream().map(row -> row.time() + " " + row.then()).toList());
    }
  }

  private static AreaRow area(RulePage.Section section) {
    Plan plain = Harness.plan(null, "notify", "fires");
    ObjectNode plan = section.plan().deepCopy();
    plan.put("service", "github").put("action", "issue_opened");
    plan.putArray("steps");
    Plan rule = Plan.parse(plan.toString());
    Plan all = new Plan(rule.service(), rule.action(), null, rule.rule(), rule.by(), plain.steps());
    AreaRow row = Harness.area(Harness.AREA, Harness.HOOK, 1, all, true);
    if (!section.example().has("actions")) {
      return row;
    }
    StringBuilder listens = new StringBuilder();
    section
        .example()
        .path("actions")
        .forEach(
            action ->
                listens
                    .append(listens.isEmpty() ? "[" : ",")
                    .append(
                        "{\"hookId\":\"hook-%1$s\",\"of\":\"%1$s\"}"
                            .formatted(action.path("id").asText())));
    return new AreaRow(
        row.id(),
        row.ownerId(),
        row.hookId(),
        row.name(),
        row.plan(),
        1,
        true,
        null,
        null,
        listens.append("]").toString(),
        null);
  }

  private static String happen(Harness topology, RulePage.Row row) {
    Instant at =
        Harness.START
            .atOffset(ZoneOffset.UTC)
            .with(LocalTime.parse(row.time()))
            .plusDays(row.isNextDay() ? 1 : 0)
            .toInstant();
    passTo(topology, at);
    if (!row.payload().isEmpty()) {
      String hook = row.of().isEmpty() ? Harness.HOOK : "hook-" + row.of();
      topology.happen(Harness.event(at.toString(), hook, EventSource.WEBHOOK, row.payload()));
    }
    if (!row.of().isEmpty()) {
      passTo(topology, at.plus(SECOND)); // it is decided when time has passed it
    }
    return topology.runs().stream()
        .filter(run -> run.getStatus() != RunStatus.SUCCEEDED)
        .map(RulePageTest::text)
        .collect(Collectors.joining(" and "));
  }

  private static void passTo(Harness topology, Instant time) {
    topology.pass(Duration.between(topology.now(), time));
    topology.tick();
    topology.commands().forEach(topology::succeed);
  }

  private static String text(RunRecord run) {
    return run.getEvents().isEmpty()
        ? run.getStatus().name().toLowerCase(Locale.ROOT)
        : "fires with " + run.getEvents().size();
  }
}
