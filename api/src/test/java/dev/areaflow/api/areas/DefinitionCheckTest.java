package dev.areaflow.api.areas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Violation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DefinitionCheckTest {
  private final DefinitionCheck check = new DefinitionCheck(AreaApi.CATALOG, AreaApi.EXPRESSIONS);

  private List<Violation> violations(ObjectNode document) {
    Problem problem =
        catchThrowableOfType(Problem.class, () -> check.check(document, AreaApi.NO_CONNECTIONS));
    assertThat(problem).as("a problem").isNotNull();
    assertThat(problem.status()).isEqualTo(422);
    return problem.errors();
  }

  private List<String> pointers(ObjectNode document) {
    return violations(document).stream().map(Violation::pointer).toList();
  }

  @Test
  void everythingWrongIsReportedTogetherWithItsPlace() {
    // given
    ObjectNode document = AreaApi.bugTriage(" ");
    document.put("unknown", 1);
    document.withObject("/action/inputs").put("repository", 7);
    document.put("when", "event.issue.titel == 'x'");
    ObjectNode reaction = (ObjectNode) document.at("/reactions/0");
    reaction.withObject("/inputs/body").put("text", "${event.nothing}");
    reaction.put("extra", true);

    // when
    List<String> pointers = pointers(document);

    // then
    assertThat(pointers)
        .contains(
            "/name",
            "/unknown",
            "/action/inputs/repository",
            "/when",
            "/reactions/0/inputs/body/text",
            "/reactions/0/extra");
  }

  @Test
  void whatDoesNotExistIsAnsweredWithWhatMayBeMeant() {
    // given
    ObjectNode document = AreaApi.bugTriage("typo");
    document.withObject("/action").put("action", "issue_open");
    ((ObjectNode) document.at("/reactions/0")).put("service", "htpt");

    // when
    List<Violation> violations = violations(document);

    // then
    assertThat(violations)
        .extracting(Violation::pointer)
        .containsExactly("/action/action", "/reactions/0/service");
    assertThat(violations.get(0).detail()).contains("did you mean \"issue_opened\"?");
    assertThat(violations.get(1).detail()).contains("did you mean \"http\"?");
  }

  @Test
  void idsOfReactionsAreUniqueAndMadeWhereTheyAreMissing() {
    // given
    ObjectNode document = AreaApi.bugTriage("ids");
    ObjectNode reaction = (ObjectNode) document.at("/reactions/0");
    reaction.put("id", "r2");
    ObjectNode nameless = reaction.deepCopy();
    nameless.remove("id");
    document.withArray("reactions").add(nameless).add(nameless.deepCopy());

    // when
    Checked checked = check.check(document, AreaApi.NO_CONNECTIONS);

    // then
    assertThat(checked.plan().steps())
        .extracting(step -> step.id())
        .containsExactly("r2", "r2_", "r3");
    document.withArray("reactions").add(reaction.deepCopy());
    assertThat(pointers(document)).containsExactly("/reactions/3/id");
  }

  @Test
  void readOnlyFieldsAreIgnored() {
    // given
    ObjectNode document = AreaApi.bugTriage("sent back");
    document.put("id", "x").put("version", 3).put("status", "live").putNull("statusReason");
    document.putObject("hook").put("url", "https://elsewhere");

    // when
    Checked checked = check.check(document, AreaApi.NO_CONNECTIONS);

    // then
    assertThat(checked.definition().toJson().has("hook")).isFalse();
    assertThat(checked.definition().toJson().has("version")).isFalse();
  }

  @Test
  void anActionsInputsHoldNoTemplates() {
    // given
    ObjectNode document = AreaApi.bugTriage("template");

    // when
    document.withObject("/action/inputs").put("repository", "${event.repository.full_name}");

    // then
    assertThat(pointers(document)).contains("/action/inputs/repository");
  }

  @Test
  void clocksThatNeverTickRightAreRefused() {
    // given
    ObjectNode document = AreaApi.timer("clock", "soon");

    // when
    List<String> pointers = pointers(document);

    // then
    assertThat(pointers).isNotEmpty().allMatch(p -> p.startsWith("/action/inputs"));
    ObjectNode minute = AreaApi.timer("minute", "PT5M");
    minute.withObject("/action").put("action", "cron");
    minute.withObject("/action").putObject("inputs").put("cron", "61 * * * *");
    assertThat(pointers(minute)).containsExactly("/action/inputs/cron");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'headers': {'Host': 'x'}} | /headers/Host",
        "{'headers': {'X': 'a\\r\\nb'}} | /headers/X",
        "{'headers': {'Host': 'x'}, 'body': '${event.issue.title}'} | /headers/Host",
        "{'headers': {'X': 'a\\r\\nb', 'Y': '${event.issue.title}'}} | /headers/X",
        "{'headers': {'Content-Type': 'text/xml'}, 'body': {'a': '${event.issue.title}'}} | /body",
        "{'url': 'https://e.org:0/'} | /url",
        "{'method': '$${x}'} | /method",
      })
  void requestsThatCouldNeverBeSentAreRefused(String changes, String pointer) {
    // given
    ObjectNode document = AreaApi.bugTriage("literal");
    ObjectNode inputs = (ObjectNode) document.at("/reactions/0/inputs");

    // when
    inputs.setAll(AreaApi.json(changes.replace('\'', '"')));

    // then
    assertThat(pointers(document)).contains("/reactions/0/inputs" + pointer);
  }

  @Test
  void requestsThatHangOnTheEventAreNotRefused() {
    // given
    ObjectNode document = AreaApi.bugTriage("template");
    ObjectNode inputs = (ObjectNode) document.at("/reactions/0/inputs");

    // when
    inputs.setAll(
        AreaApi.json(
            """
            {"method": "${event.action}", "url": "https://e.org/${event.issue.number}",
             "headers": {"Content-Type": "${event.action}", "X": "a ${event.issue.title}"},
             "body": {"deep": ["${event.issue.title}", "$${literal}"]}}
            """));

    // then
    assertThat(check.check(document, AreaApi.NO_CONNECTIONS).plan().steps()).hasSize(1);
  }

  @Test
  void whatIsNoDocumentIsRefusedWithoutFailing() {
    // given
    List<String> documents =
        List.of(
            "{}",
            "{\"name\":1,\"action\":[],\"reactions\":{}}",
            "{\"name\":\"x\",\"action\":{\"service\":{},\"action\":null,\"inputs\":[]},"
                + "\"when\":{},\"reactions\":[1,null,{\"inputs\":\"x\"}],\"enabled\":\"yes\"}",
            "{\"name\":\"x\",\"action\":{\"service\":\"github\",\"action\":\"push\","
                + "\"hook\":\"none\"},\"reactions\":[]}");

    // when
    List<List<Violation>> violations =
        documents.stream().map(AreaApi::json).map(this::violations).toList();

    // then
    assertThat(violations).allSatisfy(found -> assertThat(found).isNotEmpty());
  }

  @Test
  void sizesAreBounded() {
    // given
    ObjectNode document = AreaApi.bugTriage("n".repeat(201));
    ObjectNode reaction = (ObjectNode) document.at("/reactions/0");

    // when
    for (int i = 0; i < 50; i++) {
      document.withArray("reactions").add(reaction.deepCopy().put("id", "n" + i));
    }

    // then
    assertThat(pointers(document)).containsExactly("/name", "/reactions");
    ObjectNode large = AreaApi.bugTriage("large");
    ((ObjectNode) large.at("/reactions/0/inputs/body")).put("filler", "x".repeat(300_000));
    assertThat(pointers(large)).containsExactly("");
  }

  @Test
  void aDefinitionThatIsTooLargeIsNotLookedAtFurther() {
    // given
    ObjectNode document = AreaApi.bugTriage("large");
    ObjectNode body = (ObjectNode) document.at("/reactions/0/inputs/body");

    // when
    body.put("text", "${event.nothing}").put("filler", "x".repeat(300_000));

    // then
    assertThat(pointers(document)).containsExactly("");
  }

  @Test
  void theReactionsOfAnAreaShareOneBudgetOfExpressions() {
    // given
    ObjectNode document = AreaApi.bugTriage("many");
    ObjectNode reaction = (ObjectNode) document.at("/reactions/0");
    reaction.withObject("/inputs/body").put("text", "${event.issue.title}".repeat(200));

    // when
    for (int i = 0; i < 2; i++) {
      document.withArray("reactions").add(reaction.deepCopy().put("id", "n" + i));
    }

    // then
    List<Violation> violations = violations(document);
    assertThat(violations)
        .extracting(Violation::pointer)
        .containsExactly("/reactions/2/inputs/body/text");
    assertThat(violations.getFirst().detail())
        .isEqualTo(
            "from here on the AREA has more than 500 expressions; use fewer ${…}, or make several"
                + " AREAs of it");
  }
}
