package dev.areaflow.api.accounts;

import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Secret;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Rules for accounts.
 *
 * @param signUp who may make an account; empty for open on loopback and closed elsewhere
 * @param setUpToken what the first user must know where the API listens beyond loopback
 * @param sessionLifetime how long a login lasts
 */
public record AccountsConfig(
    Optional<SignUp> signUp, Optional<Secret> setUpToken, Duration sessionLifetime) {
  static final Setting<SignUp> SIGN_UP =
      Setting.optional(
          "sign-up",
          Parsers.oneOf(SignUp.class),
          "open or closed: who may make an account after the first user; open where the API listens"
              + " on loopback only, else closed.");
  static final Setting<Secret> SET_UP_TOKEN =
      Setting.optional(
          "api.set-up-token",
          Parsers::secret,
          "What the first user must send as setUpToken where the API listens beyond loopback.");
  static final Setting<Duration> SESSION_LIFETIME =
      Setting.of(
          "api.session-lifetime", "P7D", Parsers::duration, "How long a login lasts, ISO-8601.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS = List.of(SIGN_UP, SET_UP_TOKEN, SESSION_LIFETIME);

  /** Reads them; problems are noted in {@code settings}. */
  public static AccountsConfig from(Settings settings) {
    return new AccountsConfig(
        settings.find(SIGN_UP), settings.find(SET_UP_TOKEN), settings.get(SESSION_LIFETIME));
  }
}
