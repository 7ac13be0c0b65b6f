package dev.areaflow.api.accounts;

import dev.areaflow.api.http.Answer;
import java.util.regex.Pattern;

/**
 * The cookie by which a browser is known that went to an identity provider: what it brings back is
 * worth nothing in any other browser. It says nothing of who uses the browser.
 *
 * @param secure whether people reach the API by https
 */
record BrowserCookie(boolean secure) {
  static final String PREFIX = "browser_";
  private static final Pattern FORM = Pattern.compile(PREFIX + "[A-Za-z0-9_-]{43}");
  private static final int LIFETIME_SECONDS = 600;

  String name() {
    return secure ? "__Host-area_login" : "area_login";
  }

  /** Whether this has the form of the cookies that {@link #set} sets. */
  static boolean isOne(String value) {
    return FORM.matcher(value).matches();
  }

  Answer set(Answer answer, Token secret) {
    return answer.header(
        "Set-Cookie",
        name()
            + "="
            + secret.value()
            + "; Path=/; HttpOnly; SameSite=Lax; Max-Age="
            + LIFETIME_SECONDS
            + (secure ? "; Secure" : ""));
  }
}
