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
        "has(event.enterprise)",
        "has(event.enterprise.name) && event.enterprise.name == 'x'",
        "has(event.issue.titel) || has(event.issue.titel.x)",
        "event.?enterprise.?name.orValue('none') == 'x' && event.?enterprise.name.orValue('') == ''",
        "event[?'enterprise'].hasValue() && event[?meta.id].hasValue()",
        "'issue' in event && 'enterprise' in event && 'login' in event.issue.user",
        "'enterprise' in event && event.enterprise.name == 'x'",
        "event.issue.assignees.exists(a, has(a.team) && a.team == 'x')",
        "event.size() > 1 && size(event.issue) > 1",
        "event.exists(k, k == 'enterprise') && event.issue.all(k, k != '' && event.issue[k] != null)",
        "event.map(k, event.issue.filter(f, f == k)).size() > 1",
        "event[meta.id] == 'x' && event.issue[event.action] == 'x'",
        "event.sender != event.both && event.issue != {} && {'login': 'x'} == event.sender",
        "event.sender in event.issue.assignees || event.issue.assignee in event.issue.assignees",
        "(event.draft ? event.issue : event.sender) == event.both",
        "(event.draft ? event.issue.user : {}) == {}",
        "event.issue.labels.reverse()[0].name == 'x' && event.issue.labels.sort().size() > 1",
        "meta['service'] == 'x' && 'id' in meta && meta.size() == 4 && meta.exists(k, meta[k] == 'x')",
        "has(meta.actor) || meta.?actor.orValue('x') == 'x'",
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
        "event.?isue.titel.orValue('') == event.issue.titel | column 45: event.issue has no field 'titel'; did you mean 'title'? (it has title, user, labels, body, number, assignee, assignees, milestones, created_at)",
        "has(event.titel) && event.issue.titel == 'x' | column 32: event.issue has no field 'titel'; did you mean 'title'? (it has title, user, labels, body, number, assignee, assignees, milestones, created_at)",
        "event.issue.number == 1 && event.number == 1 | column 33: event has no field 'number' (it has sender, either, maybe, tuple, issue, free, open, tree, action, kind, count, ratio, and 9 more)",
        "event.exists(k, k == event.sender.logn) | column 34: event.sender has no field 'logn'; did you mean 'login'? (it has login, id, email)",
        "event.issue.labels.filter(l, event.size() > 1 && l.nam == 'x').size() > 1 | column 51: l has no field 'nam'; did you mean 'name'? (it has name)",
        "meta.servce == 'x' | column 5: meta has no field 'servce'; did you mean 'service'? (it has service, time, id, action, of)",
        "event.issue == 'x' | column 13: '==' does not apply to (object(event.issue), string)",
        "event[0] == 'x' | column 6: '[]' does not apply to (object(event), int)",
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
