package dev.areaflow.expressions;

import static dev.areaflow.expressions.Events.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConditionTest {
  private static final String EVENT =
      """
      {'action': 'opened', 'count': 3, 'big': 9007199254740993, 'ratio': 1.5, 'nothing': null,
       'huge': 18446744073709551615,
       'issue': {'title': 'It breaks', 'number': 7, 'created_at': '2026-02-28T10:00:00Z',
         'labels': [{'name': 'bug'}, {'name': 'help wanted'}]},
       'commits': [{'added': ['src/a.java', 'docs/b.md']}, {'added': []}],
       'reactions': {'+1': 2}, 'x-y': {'a b': 1}, 'big_text': 'ünïcödé'}
      """;

  private final Expressions expressions = new Expressions();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "true",
        "event.issue.labels.exists(l, l.name == 'bug')",
        "event.action == \"opened\" && event.count > 2",
        "event.count == 3 && event.count < 3.5 && event.count != 4u",
        "event.big == 9007199254740993",
        "event.huge > event.big",
        "event.ratio * 2.0 == 3.0",
        "event.nothing == null",
        "!has(event.missing) && has(event.issue.title)",
        "event.?missing.?deeper.orValue('none') == 'none'",
        "event.?issue.?title.orValue('none') == 'It breaks'",
        "'title' in event.issue",
        "event['issue']['title'] == 'It breaks'",
        "event.reactions['+1'] == 2",
        "event.`x-y`.`a b` == 1",
        "size(event.issue.labels) == 2 && event.issue.labels[1].name.contains('wanted')",
        "event.commits.exists(c, c.added.exists(f, f.startsWith('src/')))",
        "event.issue.labels.map(l, l.name).join(',') == 'bug,help wanted'",
        "event.issue.title.matches('^It .*s$')",
        "event.issue.title.lowerAscii().contains('breaks')",
        "'a-b-c'.split('-') == ['a', 'b', 'c'] && 'abc'.split('') == ['a', 'b', 'c']",
        "'a-b-c'.replace('-', '+') == 'a+b+c'",
        "event.big_text.indexOf('c') == 3 && 'abab'.lastIndexOf('ab') == 2 && 'a'.indexOf('z') == -1",
        "[3, 1, 2].sort() == [1, 2, 3] && [1, 2].reverse() == [2, 1]",
        "event.issue.labels.reverse()[0].name == 'help wanted' && event.action.reverse() == 'denepo'",
        "'abc'.reverse() == 'cba' && [].reverse() == [] && event.commits.reverse()[1].added.size() == 2",
        "event.commits[0].added.sort()[0] == 'docs/b.md' && event.commits[0].added.slice(1, 2) == ['docs/b.md']",
        "event.commits[0].added.join() == 'src/a.javadocs/b.md' && [].join(',') == ''",
        "event.commits[0].added.join(' ') == 'src/a.java docs/b.md' && [dyn(1), 1.5, true].join(',') == '1,1.5,true'",
        "event.issue.labels.first().value().name == 'bug' && event.issue.labels.last().hasValue()",
        "meta['service'] == 'github' && 'id' in meta && meta.size() == 5 && meta.exists(k, k == 'time')",
        "!has(meta.actor) && meta.?actor.orValue('nobody') == 'nobody'",
        "'Ab(c) 1a'.matches(r'^[A-Z][[:alpha:]]\\([^)]\\) (?:\\d{1,3}a){1,2}$')",
        "math.greatest(1, event.count) == 3",
        "timestamp(event.issue.created_at) < meta.time",
        "meta.time - timestamp(event.issue.created_at) > duration('24h')",
        "meta.time.getFullYear() == 2026 && meta.service == 'github' && meta.action == 'issue_opened'",
        "event == event && event.issue != event",
        "type(event.issue) == map && type(event.count) == int && type(event.ratio) == double",
        "event.issue.labels == [{'name': 'bug'}, {'name': 'help wanted'}]",
        "{'title': 'It breaks', 'n': 1}.title == event.issue.title",
        "string(event.count) + '!' == '3!'",
      })
  void conditionsHold(String cel) {
    // given
    var condition = expressions.condition(cel);

    // when
    var holds = condition.matches(event(EVENT));

    // then
    assertThat(holds).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "event.issue.titel == 'x' | this event has no event.issue.titel",
        "event['issue']['titel'] == 'x' | this event has no event.issue.titel",
        "event.nothing.deeper == 'x' | the field 'deeper' cannot be read: in this event, event.nothing is not an object (it may be null)",
        "event.action.deeper == 'x' | the field 'deeper' cannot be read: in this event, event.action is not an object (it may be null)",
        "event.count + event.action == 1 | '+' cannot be applied to values of these types in this event",
        "event.count / 0 == 1 | it divides by zero",
        "event.action | the condition comes to a text for this event, not to true or false",
        "event.issue.labels[9].name == 'x' | Index out of bounds: 9",
        "event.big * 9007199254740993 == 1 | a number becomes too large or too small for 64 bits",
        "-(-event.big * 1024 - event.big * 1000) < event.big * event.big | a number becomes too large or too small for 64 bits",
        "timestamp(event.action) < meta.time | \"opened\" is not written as expected: a number like 1.5, a timestamp like 2026-03-01T10:15:30Z, a duration like 90s, a time zone like Europe/Paris",
        "int(event.action) == 1 | \"opened\" is not written as expected: a number like 1.5, a timestamp like 2026-03-01T10:15:30Z, a duration like 90s, a time zone like Europe/Paris",
        "(event.count > 1 ? event.issue : event).x == 1 | this event has no field 'x'",
        "(event.count > 1 ? event.action : event).x == 1 | the field 'x' cannot be read: in this event, what it is read from is not an object (it may be null)",
        "event.issue.labels.join() == '' | join() joins texts, and an object stands in the list",
        "event.issue.labels.sort() == [] | List elements must be comparable",
        "event.commits[0].added.slice(1, 9) == [] | List is length 2",
        "optional.none().value() == 1 | it takes the value of an optional that has none; use .orValue(…)",
        "event.count.exists(x, x == 1) | a value of this event is of a kind that the expression cannot work with",
        "{event.nothing: 1} == {} | Unsupported key type: null",
      })
  void aConditionWithoutAValueSaysWhy(String cel, String message) {
    // given
    var condition = expressions.condition(cel);

    // when / then
    assertThatThrownBy(() -> condition.matches(event(EVENT)))
        .isInstanceOf(EvaluationException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "math.greatest([event.count, event.action]) == 1",
        "math.greatest(dyn(event.action), dyn(event.nothing)) == 1",
        "math.least(event.list) == 1",
        "duration(event.action) > duration('1s')",
        "meta.time.getHours(event.action) == 1",
        "int(event.ratio * 1e300) == 1",
        "uint(-event.count) == 1u",
        "bool(event.action)",
        "event.issue.labels[event.action] == 1",
        "event.issue.labels[event.ratio] == 1",
        "event[event.nothing] == 1",
        "event.action.charAt(99) == 'x'",
        "event.action.substring(99) == 'x'",
        "event.count.matches('x')",
        "event.nothing.size() == 1",
        "event.nothing.contains('x')",
        "event.nothing + 1 == 2",
        "event.nothing.exists(x, x == 1)",
        "event.action ? true : false",
        "!event.action",
        "[?dyn(event.action)] == []",
        "timestamp('9999-12-31T23:59:59Z') + duration('100000h') > meta.time",
        "string(b'\\xff') == ''",
        "math.bitShiftLeft(1, -event.count) == 1",
        "event.issue.labels.map(l, l.name)[event.big] == 'x'",
      })
  void noMessageSpeaksOfTheProgram(String cel) {
    // given
    var condition = expressions.condition(cel);

    // when / then
    assertThatThrownBy(() -> condition.matches(event(EVENT)))
        .isInstanceOf(EvaluationException.class)
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .doesNotContainPattern(
                        "java|Exception|Cannot invoke|NULL_VALUE|\\bnull\\.|class |Function '|dev\\.|com\\.|…\\.|^null"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~ ~ | the expression is empty",
        "evnt.x == 1 | column 1: there is no variable or function 'evnt'; the variables are event and meta",
        "event.x == 1 && foo(event) | column 20: there is no variable or function 'foo'; the variables are event and meta",
        "meta.titel == 'x' | column 5: meta has no field 'titel'; did you mean 'time'? (it has time, id, action, of, service)",
        "1 + 2 | a condition is true or false, but this is of type int; compare it with something, e.g. … == 'bug'",
        "'a'.matches('(') | \"(\" is not a regular expression: missing closing )",
      })
  void aConditionThatCannotBeSavedSaysWhy(String cel, String message) {
    // given
    var source = cel;

    // when / then
    assertThatThrownBy(() -> expressions.condition(source))
        .isInstanceOf(InvalidExpressionException.class)
        .hasMessage(message);
  }

  @Test
  void aConditionOverAnItemSeesTheItemAndTheInputs() throws JsonProcessingException {
    // given
    ItemCondition condition =
        Expressions.itemCondition("item.title.contains(inputs.word) && !has(item.hidden)");
    JsonNode inputs = new ObjectMapper().readTree("{\"word\":\"bug\"}");

    // then
    assertThat(condition.matches(new ObjectMapper().readTree("{\"title\":\"a bug\"}"), inputs))
        .isTrue();
    assertThat(
            condition.matches(
                new ObjectMapper().readTree("{\"title\":\"a bug\",\"hidden\":1}"), inputs))
        .isFalse();
    assertThatThrownBy(() -> condition.matches(new ObjectMapper().createObjectNode(), inputs))
        .isInstanceOf(EvaluationException.class);
    assertThatThrownBy(() -> Expressions.itemCondition("event.title == ''"))
        .isInstanceOf(InvalidExpressionException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "event.issue.title ==     ~ column 21: the expression ends too early",
        "event.number = 1         ~ column 14: '=' is no operator of CEL; == compares",
        "event.number=1           ~ column 13: '=' is no operator of CEL; == compares",
        "event.issue.title='a'    ~ column 18: '=' is no operator of CEL; == compares",
        "true and false           ~ column 6: 'and' is no operator of CEL; && is and",
        "true | false             ~ column 6: '|' is no operator of CEL; || is or",
        "(true                    ~ column 6: a ')' is missing here",
        "true)                    ~ column 5: ')' is not expected here",
        "event..title == ''       ~ column 7: after '..' something else is expected here",
        "event.                   ~ column 7: after '.' something else is expected here",
        "event.issue.title 'ab'   ~ column 19: ''ab'' is not expected here",
        "#                        ~ column 1: '#' is not expected here",
        "event.issue.title == 'ab ~ column 22: the text that begins here has no closing quote"
      })
  void aSyntaxErrorNamesItsColumnAndWhatIsWrong(String source, String message) {
    // given, when, then
    assertThatThrownBy(() -> expressions.condition(source))
        .isInstanceOf(InvalidExpressionException.class)
        .hasMessageStartingWith(message);
  }
}
