package dev.areaflow.expressions;

import com.google.common.math.LongMath;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How large a regular expression becomes when its repetitions are written out, seen from its text
 * alone and without doing so: {@code (ab{3}){2}} is {@code abbbabbb}. Never less than what RE2/J
 * comes to, roughly; text that is no regular expression has a size too.
 */
final class PatternSize {
  private final String pattern;
  private final Deque<Long> outer = new ArrayDeque<>();
  private long group;
  private long last;
  private int at;

  private PatternSize(String pattern) {
    this.pattern = pattern;
  }

  /** The number of steps, {@link Long#MAX_VALUE} where it is that or more. */
  static long of(String pattern) {
    return new PatternSize(pattern).size();
  }

  private long size() {
    while (at < pattern.length()) {
      switch (pattern.charAt(at)) {
        case '(' -> {
          endPart();
          outer.push(group);
          group = 1;
          at++;
        }
        case ')' -> {
          endPart();
          last = group;
          group = outer.isEmpty() ? 0 : outer.pop();
          at++;
        }
        case '[' -> part(afterClass());
        case '\\' -> escape();
        case '{' -> repetition();
        default -> part(at + 1);
      }
    }
    while (!outer.isEmpty()) {
      endPart();
      last = group;
      group = outer.pop();
    }
    endPart();
    return group;
  }

  /** A part that no repetition may split: a character, a class, a group. */
  private void part(int end) {
    endPart();
    last = 1;
    at = end;
  }

  private void endPart() {
    group = LongMath.saturatedAdd(group, last);
    last = 0;
  }

  private void escape() {
    if (pattern.startsWith("\\Q", at)) {
      int end = pattern.indexOf("\\E", at);
      int length = (end < 0 ? pattern.length() : end) - at;
      group = LongMath.saturatedAdd(group, length);
      part(end < 0 ? pattern.length() : end + 2);
    } else if (pattern.startsWith("\\x{", at)
        || pattern.startsWith("\\p{", at)
        || pattern.startsWith("\\P{", at)) {
      int end = pattern.indexOf('}', at);
      part(end < 0 ? pattern.length() : end + 1);
    } else {
      part(Math.min(at + 2, pattern.length()));
    }
  }

  /** The index after a class; brackets that come first in it, or are escaped, are characters. */
  private int afterClass() {
    int i = at + 1;
    if (pattern.startsWith("^", i)) {
      i++;
    }
    if (pattern.startsWith("]", i)) {
      i++;
    }
    while (i < pattern.length() && pattern.charAt(i) != ']') {
      if (pattern.startsWith("[:", i) && pattern.indexOf(":]", i) >= 0) {
        i = pattern.indexOf(":]", i) + 2;
      } else {
        i += pattern.charAt(i) == '\\' ? 2 : 1;
      }
    }
    return Math.min(i + 1, pattern.length());
  }

  /** {@code {n}}, {@code {n,}} or {@code {n,m}}; any other brace is a character. */
  private void repetition() {
    int end = pattern.indexOf('}', at);
    String counts = end < 0 ? "" : pattern.substring(at + 1, end);
    int comma = counts.indexOf(',');
    String least = comma < 0 ? counts : counts.substring(0, comma);
    String most = comma < 0 ? "" : counts.substring(comma + 1);
    if (!isNumber(least) || !(most.isEmpty() || isNumber(most))) {
      part(at + 1);
      return;
    }
    long times = Math.max(1, Math.max(number(least), number(most)));
    last = LongMath.saturatedMultiply(last, times);
    at = end + 1;
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static long number(String digits) {
    if (digits.isEmpty()) {
      return 0;
    }
    return digits.length() > 9 ? Integer.MAX_VALUE : Long.parseLong(digits);
  }
}
