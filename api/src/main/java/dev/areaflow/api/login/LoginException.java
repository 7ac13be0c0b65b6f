package dev.areaflow.api.login;

/** An identity provider does not say who somebody is. Its message is for that person. */
public final class LoginException extends Exception {
  private static final long serialVersionUID = 1L;

  LoginException(String message) {
    super(message);
  }

  LoginException(String message, Throwable cause) {
    super(message, cause);
  }

  /** What is wrong, in a sentence. */
  public String detail() {
    return String.valueOf(getMessage());
  }
}
