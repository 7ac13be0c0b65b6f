package dev.areaflow.api.accounts;

import dev.areaflow.api.http.Answer;
import java.time.Duration;

/**
 * The cookie that holds a session's token in browsers. No script reads it, other sites' requests do
 * not carry it except for plain links, and over https no other host can set it ({@code __Host-}).
 *
 * @param secure whether people reach the API by https
 */
record SessionCookie(boolean secure) {
  String name() {
    return secure ? "__Host-area_session" : "area_session";
  }

  Answer set(Answer answer, Token token, Duration lifetime) {
    return answer.header("Set-Cookie", text(token.value(), lifetime));
  }

  Answer clear(Answer answer) {
    return answer.header("Set-Cookie", text("", Duration.ZERO));
  }

  private String text(String value, Duration lifetime) {
    return name()
        + "="
        + value
        + "; Path=/; HttpOnly; SameSite=Lax; Max-Age="
        + lifetime.toSeconds()
        + (secure ? "; Secure" : "");
  }
}
