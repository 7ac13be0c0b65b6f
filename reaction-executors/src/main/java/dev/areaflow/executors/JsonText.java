package dev.areaflow.executors;

import java.nio.charset.StandardCharsets;

/**
 * A text as a JSON string.
 *
 * @param json in UTF-8, with its quotation marks; not copied
 * @param cut whether its end is missing
 */
@SuppressWarnings("ArrayRecordComponent") // handed on uncopied, nobody compares it
record JsonText(byte[] json, boolean cut) {
  private static final String HEX = "0123456789abcdef";

  /** As much of a text as fits; half of a surrogate pair becomes the replacement character. */
  static JsonText of(String text, int mostBytes) {
    StringBuilder json = new StringBuilder(Math.min(text.length(), mostBytes) + 2).append('"');
    int left = mostBytes - 2;
    for (int i = 0; i < text.length(); ) {
      int read = text.codePointAt(i);
      int codePoint = isHalf(read) ? 0xFFFD : read;
      left -= bytesOf(codePoint);
      if (left < 0) {
        break;
      }
      append(codePoint, json);
      i += Character.charCount(read);
    }
    return new JsonText(json.append('"').toString().getBytes(StandardCharsets.UTF_8), left < 0);
  }

  private static boolean isHalf(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  private static int bytesOf(int codePoint) {
    if (codePoint == '"' || codePoint == '\\') {
      return 2;
    }
    if (codePoint < 0x20) {
      return 6;
    }
    if (codePoint < 0x80) {
      return 1;
    }
    if (codePoint < 0x800) {
      return 2;
    }
    return codePoint < 0x10000 ? 3 : 4;
  }

  private static void append(int codePoint, StringBuilder json) {
    if (codePoint == '"' || codePoint == '\\') {
      json.append('\\').append((char) codePoint);
    } else if (codePoint < 0x20) {
      json.append("\\u00").append(HEX.charAt(codePoint >> 4)).append(HEX.charAt(codePoint & 0xF));
    } else {
      json.appendCodePoint(codePoint);
    }
  }
}
