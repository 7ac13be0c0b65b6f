package dev.areaflow.schemas.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ParsersTest {
  private enum Colour {
    RED,
    DARK_BLUE
  }

  @ParameterizedTest
  @CsvSource({
    "https://area.example.org,          https://area.example.org",
    "' http://127.0.0.1:8081/apis/v3/ ', http://127.0.0.1:8081/apis/v3",
    "HTTP://Area.example.org//,         http://Area.example.org",
    "http://[::1]:8080/a%20b,           http://[::1]:8080/a%20b",
  })
  void anHttpAddressIsKeptWithoutItsLastSlashes(String text, String expected) {
    assertThat(Parsers.httpAddress(text)).hasToString(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "area.example.org",
        "ftp://area.example.org",
        "https:///path",
        "https://user@area.example.org",
        "https://user:pw@area.example.org",
        "https://area.example.org/?a=b",
        "https://area.example.org/#a",
        "https://area.example.org:99999",
        "https://area example.org",
        "",
      })
  void whatIsNoHttpAddressIsRefusedWithAnExample(String text) {
    assertThatThrownBy(() -> Parsers.httpAddress(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected an http or https address")
        .hasMessageContaining("https://area.example.org");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "11", "1.5", "one", "", "99999999999"})
  void numbersOutsideTheRangeAreRefused(String text) {
    assertThatThrownBy(() -> Parsers.integer(1, 10).apply(text))
        .hasMessage("expected a whole number from 1 to 10, e.g. 1");
  }

  @Test
  void textsAreRead() {
    assertThat(Parsers.integer(1, 10).apply(" 10 ")).isEqualTo(10);
    assertThat(Parsers.port("0")).isZero();
    assertThat(Parsers.bool(" TRUE ")).isTrue();
    assertThat(Parsers.bool("false")).isFalse();
    assertThat(Parsers.duration("PT0.5S")).isEqualTo(Duration.ofMillis(500));
    assertThat(Parsers.list(" a, ,b ")).containsExactly("a", "b");
    assertThat(Parsers.oneOf(Colour.class).apply("dark-blue")).isEqualTo(Colour.DARK_BLUE);
  }

  @Test
  void textsThatCannotBeReadSayWhatWasExpected() {
    assertThatThrownBy(() -> Parsers.bool("yes")).hasMessage("expected true or false");
    assertThatThrownBy(() -> Parsers.duration("PT0S")).hasMessageContaining("e.g. PT5S");
    assertThatThrownBy(() -> Parsers.duration("5s")).hasMessageContaining("e.g. PT5S");
    assertThatThrownBy(() -> Parsers.oneOf(Colour.class).apply("green"))
        .hasMessage("expected one of red, dark-blue");
  }
}
