package dev.areaflow.expressions;

import static dev.areaflow.expressions.Events.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TypedConditionTest {
  private static final JsonNode SCHEMA =
      json(
          """
          {'type': 'object', 'required': ['action'],
           'properties': {
             'action': {'type': 'string', 'enum': ['opened', 'closed']},
             'kind': {'enum': ['a', 'b']},
             'count': {'type': 'integer'},
             'ratio': {'type': 'number'},
             'draft': {'type': 'boolean'},
             'issue': {'$ref': '#/definitions/issue'},
             'sender': {'$ref': '#/definitions/user'},
             'changes': {'oneOf': [
                {'type': 'object', 'properties': {'title': {'type': 'object', 'properties': {'from': {'type': 'string'}}}}},
                {'type': 'object', 'properties': {'body': {'type': 'object', 'properties': {'from': {'type': 'string'}}}}}]},
             'either': {'anyOf': [{'type': 'string'}, {'type': 'integer'}]},
             'maybe': {'anyOf': [{'$ref': '#/definitions/user'}, {'type': 'null'}]},
             'both': {'allOf': [{'$ref': '#/definitions/user'}, {'type': 'object', 'properties': {'team': {'type': 'string'}}}]},
             'inputs': {'type': 'object', 'additionalProperties': {'type': 'string'}},
             'free': {'type': 'object'},
             'open': {'type': 'object', 'properties': {'known': {'type': 'string'}}, 'additionalProperties': true},
             'anything': {},
             'always': true,
             'tuple': {'type': 'array', 'prefixItems': [{'type': 'string'}, {'type': 'integer'}]},
             'matrix': {'type': 'array', 'items': {'type': 'array', 'items': {'type': 'integer'}}},
             'tree': {'$ref': '#/definitions/tree'},
             'reactions': {'type': 'object', 'properties': {'+1': {'type': 'integer'}}, 'additionalProperties': false},
             'elsewhere': {'$ref': 'https://example.org/schema.json'}
           },
           'definitions': {
             'user': {'type': 'object', 'properties': {'login': {'type': 'string'}, 'id': {'type': 'integer'}, 'email': {'type': ['string', 'null']}}},
             'issue': {'type': 'object', 'properties': {
                'title': {'type': 'string'},
                'body': {'type': ['string', 'null']},
                'number': {'type': 'integer'},
                'created_at': {'type': 'string', 'format': 'date-time'},
                'user': {'$ref': '#/definitions/user'},
                'assignee': {'type': ['object', 'null'], 'properties': {'login': {'type': 'string'}}},
                'assignees': {'type': 'array', 'items': {'$ref': '#/definitions/user'}},
                'labels': {'type': 'array', 'items': {'type': 'object', 'properties': {'name': {'type': 'string'}}}},
                'milestones': {'type': ['array', 'null'], 'items': {'type': 'string'}}}},
             'tree': {'type': 'object', 'properties': {'name': {'type': 'string'}, 'parent': {'$ref': '#/definitions/tree'}, 'children': {'type': 'array', 'items': {'$ref': '#/definitions/tree'}}}}
           }}
          """);

  private final Expressions expressions = new Expressions();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "event.issue.labels.exists(l, l.name == 'bug')",
        "event.action == 'opened' && event.kind == 'a' && !event.draft",
        "event.count > 2 && event.count < 2.5 && event.ratio > 1 && event.ratio * 2.0 > 1.0",
        "event.issue.body == null || event.issue.body.contains('x')",
        "event.issue.body != null && event.issue.body + '!' == 'x!' && size(event.issue.body) > 3",
        "event.issue.assignee == null || event.issue.assignee.login == 'x'",
        "event.issue.assignees.all(u, u.login != '' && u.id > 0)",
        "event.issue.milestones == null || event.issue.milestones.exists(m, m == 'x')",
        "event.issue.user == event.sender",
        "(event.draft ? event.issue.user : event.sender).login == 'x'",
        "has(event.changes.title) ? event.changes.title.from == 'x' : event.changes.body.from == 'y'",
        "event.either == 'x' || event.either == 2",
        "event.maybe == null || event.maybe.login == 'x'",
        "event.both.login == 'x' && event.both.team == 'y'",
        "event.inputs.name == 'x' && event.inputs['a-b'] == 'y' && 'k' in event.inputs",
        "event.free.a.b.c == 1 && event.free.exists(k, k == 'x')",
        "event.open.known == 'x' && event.open.other.deep == 1",
        "event.anything.a == 1 && event.always.b == 2 && event.elsewhere.c == 3",
        "event.tuple[0] == 'x' && event.tuple[1] == 2",
        "event.matrix[0][1] + 1 == 2",
        "event.tree.parent.parent.parent.children[0].children[1].parent.name == 'x'",
        "event.reactions['+1'] > 2",
        "event['issue']['title'] == 'x'",
        "event.?issue.?title.orValue('none') == 'x'",
        "timestamp(event.issue.created_at) < meta.time",
        "dyn(event).whatever == 1",
        "has(event.issue)",
        "event.draft",
        "event.anything",
      })
  void whatTheSchemaAllowsIsAccepted(String cel) {
    // given
    var source = cel;

    // when / then
    assertThatCode(() -> expressions.condition(source, SCHEMA)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "event.issue.titel == 'x' | column 12: event.issue has no field 'titel'; did you mean 'title'? (it has title, user, labels, body, number, assignee, assignees, milestones, created_at)",
        "event['issue']['titel'] == 'x' | column 15: event.issue has no field 'titel'; did you mean 'title'? (it has title, user, labels, body, number, assignee, assignees, milestones, created_at)",
        "event.issue.labels.exists(l, l.nam == 'bug') | column 31: l has no field 'nam'; did you mean 'name'? (it has name)",
        "has(event.issue.titel) | column 4: event.issue has no field 'titel'; did you mean 'title'? (it has title, user, labels, body, number, assignee, assignees, milestones, created_at)",
        "event.maybe.zzzzzzzz == 'x' | column 12: event.maybe has no field 'zzzzzzzz' (it has login, id, email)",
        "event.tree.parent.children[0].nme == 'x' | column 30: event.tree.parent.children[0] has no field 'nme'; did you mean 'name'? (it has name, parent, children)",
        "event.reactions['-1'] > 2 | column 16: event.reactions has no field '-1'; did you mean '+1'? (it has +1)",
        "event.count == 'x' | column 13: '==' does not apply to (int, string)",
        "event.issue.number | a condition is true or false, but this is of type int; compare it with something, e.g. … == 'bug'",
      })
  void whatTheSchemaDoesNotHaveIsRefusedWithItsPlace(String cel, String message) {
    // given
    var source = cel;

    // when / then
    assertThatThrownBy(() -> expressions.condition(source, SCHEMA))
        .isInstanceOf(InvalidExpressionException.class)
        .hasMessage(message);
  }

  @Test
  void allUnknownFieldsAreNamedAtOnce() {
    // given
    var source = "event.isue.title == 'x' && event.actoin == 'opened'";

    // when / then
    assertThatThrownBy(() -> expressions.condition(source, SCHEMA))
        .isInstanceOfSatisfying(
            InvalidExpressionException.class,
            e ->
                assertThat(e.problems())
                    .extracting(Problem::detail)
                    .satisfiesExactly(
                        first -> assertThat(first).contains("did you mean 'issue'?"),
                        second -> assertThat(second).contains("did you mean 'action'?")));
  }
}
