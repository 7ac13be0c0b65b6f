package dev.areaflow.api.accounts;

import dev.areaflow.api.http.Answer;

/**
 * The cookie by which a browser is known that went to an identity provider: what it brings back is
 * worth nothing in any other browser. It says nothing of who uses the browser.
 *
 * @param secure whether people reach the API by https
 */
record BrowserCookie(boolean secure) {
  static final String PREFIX = "browser_";
  private static final int LIFETIME_SECONDS = 600;

  String name() {
    return secure ? "__Host-area_login" : "area_login";
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
