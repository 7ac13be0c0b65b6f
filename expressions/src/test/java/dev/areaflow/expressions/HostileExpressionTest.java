package dev.areaflow.expressions;

import static dev.areaflow.expressions.Events.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each would hang or exhaust the memory without a bound; the timeouts are far above what it takes.
 */
@Timeout(60)
final class HostileExpressionTest {
  private static final Expressions EXPRESSIONS = new Expressions();

  static Stream<Arguments> refusedAtSave() {
    return Stream.of(
        Arguments.of("a million characters", "1 == 1 || ".repeat(100_000) + "true"),
        Arguments.of("too long", "true" + " ".repeat(4_093)),
        Arguments.of("parentheses", "(".repeat(2_000) + "true" + ")".repeat(2_000)),
        Arguments.of("lists", "[".repeat(2_000) + "]".repeat(2_000) + " == []"),
        Arguments.of("maps", "{1:".repeat(1_000) + "1" + "}".repeat(1_000) + " == {}"),
        Arguments.of("selections", "event" + ".a".repeat(2_000) + " == 1"),
        Arguments.of("indexes", "event" + "[0]".repeat(1_300) + " == 1"),
        Arguments.of("a sum", "1" + " + 1".repeat(1_000) + " == 1"),
        Arguments.of("conditionals", "true ? ".repeat(400) + "true" + " : false".repeat(400)),
        Arguments.of("a doubling", "['x']" + ".map(a, a + a)".repeat(100) + " == []"),
        Arguments.of(
            "loops in loops", "event.l.all(a, event.l.all(b, event.l.all(c, a == b && b == c)))"),
        Arguments.of("a large pattern", "'a'.matches('(((a{100}){100}){100})')"),
        Arguments.of(
            "a pattern larger than the memory", "'x'.matches('((((x{1000}){1000}){1000}){1000})')"),
        Arguments.of(
            "a large pattern among what looks like none",
            "'x'.matches(r'[](]\\Q)\\E\\x{28}(?:(?:(?:y{1000}){0,1000}){1000,}){9}')"),
        Arguments.of("a pattern large by nothing", "'x'.matches('((((){1000}){1000}){1000})')"),
        Arguments.of("a long pattern", "'a'.matches('" + "a?".repeat(600) + "')"),
        Arguments.of("a pattern of a thousand steps", "'a'.matches('" + "a{99}".repeat(20) + "')"),
        Arguments.of("a pattern that is none", "'a'.matches('a**')"),
        Arguments.of("cel.bind", "cel.bind(a, 'x', a + a) == ''"),
        Arguments.of("lists.range", "lists.range(1000000000).size() == 1"),
        Arguments.of("flatten", "[[1]].flatten() == [1]"),
        Arguments.of("format", "'%1000000000d'.format([1]) == ''"),
        Arguments.of("protocol buffers", "google.protobuf.Any{} == 1"),
        Arguments.of("a Java class", "java.lang.Runtime.getRuntime().exec('id') == 1"),
        Arguments.of("a Java method", "event.getClass().getName() == ''"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedAtSave")
  void whatCanBeSeenToBeTooMuchIsRefusedAtSave(String name, String cel) {
    // given
    var source = cel;

    // when / then
    assertThatThrownBy(() -> EXPRESSIONS.condition(source))
        .as(name)
        .isInstanceOf(InvalidExpressionException.class)
        .extracting(e -> ((InvalidExpressionException) e).problems().getFirst().detail())
        .satisfies(detail -> assertThat(detail).isNotEmpty().hasSizeLessThan(600));
  }

  private static final String SIXTEEN_TIMES =
      ".map(a, (((a + a) + (a + a)) + ((a + a) + (a + a))) + (((a + a) + (a + a)) + ((a + a) + (a + a))))";
  private static final String DOUBLED_BYTES =
      "[b'" + "x".repeat(1_000) + "']" + SIXTEEN_TIMES.repeat(5) + ".size() == 0";
  private static final String NESTED = "[[1]]" + ".map(a, [a, a])".repeat(40);
  private static final String LONG_TEXT_OFTEN =
      "[[event.ab + 'c']]" + SIXTEEN_TIMES.repeat(4) + "[0]";

  private static ObjectNode largeEvent() {
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("a", "a".repeat(500_000));
    event.put("ab", "a".repeat(250_000) + "b");
    event.put("digits", "1".repeat(50_000));
    event.put("pattern", "(a|b|c){1000}".repeat(50));
    event.put("bomb", "((((x{1000}){1000}){1000}){1000})");
    var empty = event.putArray("e");
    IntStream.range(0, 100_000).forEach(i -> empty.add(""));
    var list = event.putArray("l");
    IntStream.range(0, 60_000).forEach(i -> list.add(i % 7));
    var short1000 = event.putArray("s");
    IntStream.range(0, 1_000).forEach(short1000::add);
    return event;
  }

  private static final Bindings LARGE =
      Bindings.of(largeEvent().toString().getBytes(StandardCharsets.UTF_8), Events.META);

  static Stream<String> stopped() {
    return Stream.of(
        // more turns than allowed, in one loop and in two
        "event.l.all(x, x >= 0)",
        "event.s.all(x, event.s.all(y, x + y >= 0))",
        "event.s.map(x, x).map(x, x).map(x, x).size() == 1000",
        // texts that grow
        "['xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'].map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a + event.a + event.a + event.a + event.a + event.a + event.a + event.a + event.a + event.a + event.a).size() == 0",
        "event.a.replace('a', event.a) == ''",
        "'a'.replace('a', 'aaaaaaaaaaaaaaaa').replace('a', 'aaaaaaaaaaaaaaaa').replace('a', 'aaaaaaaaaaaaaaaa').replace('a', 'aaaaaaaaaaaaaaaa').replace('a', 'aaaaaaaaaaaaaaaa').replace('a', 'aaaaaaaaaaaaaaaa').replace('a', 'aaaaaaaaaaaaaaaa') == ''",
        "event.a.replace('', event.a) == ''",
        "event.s.map(x, event.a + event.a).size() == 1",
        "event.s.map(x, event.a).join(event.a) == ''",
        "event.e.join(event.a).size() == 0",
        "event.s.map(x, event.ab).join().size() == 0",
        // bytes that grow
        DOUBLED_BYTES,
        // searches that compare everything with everything
        "event.a.contains(event.ab)",
        "event.a.indexOf(event.ab) == 1",
        "event.a.lastIndexOf(event.ab) == 1",
        "event.a.split(event.ab).size() == 1",
        "event.a.replace(event.ab, '') == ''",
        "event.s.all(x, event.a.contains('aaaaaaaaaaaaaaaab') == false)",
        // regular expressions
        "event.a.matches('(a|aa|aaa|aaaa)*b$')",
        "event.s.exists(x, event.digits.matches('(1?){200}2'))",
        "event.a.matches(event.pattern)",
        "'x'.matches(event.bomb)",
        "event.s.exists(x, 'a'.matches('a' + string(x) + '{1000}b'))",
        // comparisons of much with much
        "event.s.all(x, dyn(event.l) == event.l + [])",
        "event.s.all(x, event != {'a': event})",
        "event.s.all(x, !(8 in event.l))",
        "event.s.all(x, event.l.sort().size() > 0)",
        "event.s.map(x, event.l + event.l + event.l + event.l).size() == 1",
        // lists that hold others many times, at each level again
        NESTED + "[0] == " + NESTED + "[0]",
        NESTED + "[0] != " + NESTED + "[0]",
        NESTED + "[0] in " + NESTED,
        "event[dyn(" + NESTED + ")] == 1",
        "{dyn(" + NESTED + "): 1} == {}",
        "[{'a': 1}]" + ".map(a, {'a': a, 'b': a})".repeat(40) + " == []",
        "[optional.of(1)]" + ".map(a, optional.of([a, a]))".repeat(40) + " == []",
        LONG_TEXT_OFTEN + ".slice(-1, 0).size() == 0",
        LONG_TEXT_OFTEN + " == " + LONG_TEXT_OFTEN,
        "event.s.map(x, event.l).size() == 0");
  }

  @ParameterizedTest
  @MethodSource("stopped")
  void whatTurnsOutToBeTooMuchIsStopped(String cel) {
    // given
    var condition = EXPRESSIONS.condition(cel);

    // when
    long start = System.nanoTime();
    assertThatThrownBy(() -> condition.matches(LARGE)).isInstanceOf(EvaluationException.class);

    // then
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void aBoundThatWasReachedIsNotHiddenByAnOr() {
    // given
    var condition = EXPRESSIONS.condition("event.a.contains(event.ab) || true");

    // when / then
    assertThatThrownBy(() -> condition.matches(LARGE)).isInstanceOf(EvaluationException.class);
  }

  @Test
  void theExpressionsOfATemplateShareOneBudget() {
    // given
    var text = "${event.l.sort().size()}".repeat(200);
    var template = EXPRESSIONS.template(TextNode.valueOf(text), List.of());

    // when / then
    assertThatThrownBy(() -> template.render(LARGE))
        .isInstanceOf(EvaluationException.class)
        .hasMessageContaining("it does more work than an expression may");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${",
        "${'",
        "${'''",
        "${r'\\",
        "${\\",
        "${{{{{{{{{{",
        "${//",
        "$",
        "$$",
        "$${",
        "${}",
        "${ }",
        "}${'}'",
      })
  void brokenTemplatesAreRefusedOrText(String text) {
    // given
    var large = text.repeat(10_000);

    // when / then
    for (String each : List.of(text, large)) {
      try {
        EXPRESSIONS.template(TextNode.valueOf(each), List.of()).render(event("{}"));
      } catch (InvalidExpressionException e) {
        assertThat(e.problems()).isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource
  void hostilePayloadsHaveNoValue(String name, String payload) {
    // given
    var condition = EXPRESSIONS.condition("has(event.x) || true");
    var bindings = Bindings.of(payload.getBytes(StandardCharsets.ISO_8859_1), Events.META);

    // when / then
    assertThatThrownBy(() -> condition.matches(bindings))
        .as(name)
        .isInstanceOf(EvaluationException.class)
        .hasMessageStartingWith("the event's payload cannot be read: ");
  }

  static Stream<Arguments> hostilePayloadsHaveNoValue() {
    return Stream.of(
        Arguments.of("nothing", ""),
        Arguments.of("no JSON", "hello"),
        Arguments.of("half", "{\"a\": [1, 2"),
        Arguments.of("two", "{} {}"),
        Arguments.of("deep", "[".repeat(65) + "]".repeat(65)),
        Arguments.of("deep objects", "{\"a\":".repeat(65) + "1" + "}".repeat(65)),
        Arguments.of("very deep", "[".repeat(500_000)),
        Arguments.of("a field twice", "{\"a\": 1, \"a\": 2}"),
        Arguments.of("a long number", "1".repeat(101)),
        Arguments.of("not UTF-8", "{\"a\": \"\u00c3(\"}"),
        Arguments.of("not a number", "NaN"));
  }

  @Test
  void payloadsAsDeepAsAllowedAreRead() {
    // given
    var condition = EXPRESSIONS.condition("event.size() == 1");
    var bindings =
        Bindings.of(
            ("[".repeat(64) + "]".repeat(64)).getBytes(StandardCharsets.UTF_8), Events.META);

    // when
    var holds = condition.matches(bindings);

    // then
    assertThat(holds).isTrue();
  }

  @Test
  void aTreeParsedAlreadyIsAsDeepAsOneOfBytesMayBe() {
    // given
    var condition = EXPRESSIONS.condition("event.size() == 1");
    var allowed = Bindings.of(Events.json("[".repeat(64) + "1" + "]".repeat(64)), Events.META);
    var deeper = Bindings.of(Events.json("[".repeat(65) + "]".repeat(65)), Events.META);

    // when / then
    assertThat(condition.matches(allowed)).isTrue();
    assertThatThrownBy(() -> condition.matches(deeper))
        .isInstanceOf(EvaluationException.class)
        .hasMessage("the event's payload cannot be read: nested deeper than 64 levels");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "event.s.map(x, {'n': x, 'l': [x, x]}).filter(m, m.n >= 300).map(m, m.l).size() == 100",
        "event.s.map(x, [x]).exists(l, l == [399])",
        "event.c.map(x, x.files).exists(l, l.exists(f, f == 'src/main/java/File99.java'))",
        "event.c.map(x, x.files).size() == 25 && event.c[0] in event.c && event.c == event.c",
        "event.c.map(x, x.message).join('\\n').size() == 25024",
      })
  void whatPeopleWriteIsFarFromTheBounds(String cel) {
    // given
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    IntStream.range(0, 400).forEach(event.putArray("s")::add);
    var commits = event.putArray("c");
    for (int i = 0; i < 25; i++) {
      var files = commits.addObject().put("message", "m".repeat(1_000)).putArray("files");
      IntStream.range(75, 100).forEach(j -> files.add("src/main/java/File" + j + ".java"));
    }

    // when
    var holds = EXPRESSIONS.condition(cel).matches(Bindings.of(event, Events.META));

    // then
    assertThat(holds).isTrue();
  }

  @Test
  void textsOfAnEventDoNotFloodMessages() {
    // given
    var condition = EXPRESSIONS.condition("int(event.digits) == 1 || event[event.a] == 1");

    // when / then
    assertThatThrownBy(() -> condition.matches(LARGE))
        .isInstanceOf(EvaluationException.class)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1_000));
  }

  @Test
  void fieldsThatCollideInAHashAreNoTrap() {
    // given
    var names =
        IntStream.range(0, 1 << 14)
            .mapToObj(
                i ->
                    IntStream.range(0, 14)
                        .mapToObj(bit -> (i >> bit & 1) == 0 ? "Aa" : "BB")
                        .collect(Collectors.joining()))
            .map(name -> "\"" + name + "\": 1")
            .collect(Collectors.joining(",", "{", "}"));
    var condition = EXPRESSIONS.condition("event.size() == 16384");

    // when
    var holds = condition.matches(Bindings.of(names.getBytes(StandardCharsets.UTF_8), Events.META));

    // then
    assertThat(holds).isTrue();
  }
}
