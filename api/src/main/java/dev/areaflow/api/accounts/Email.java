package dev.areaflow.api.accounts;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An e-mail address, normalised: lower case, no blanks around it.
 *
 * @param value as it is stored and compared
 */
record Email(String value) {
  private static final int MOST_CHARACTERS = 254;

  // the form that HTML's <input type=email> accepts, with a bounded local part
  private static final Pattern FORM =
      Pattern.compile(
          "[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
              + "(?:\\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*");

  /** The address that this text is, empty where it is none. */
  static Optional<Email> of(String text) {
    if (text.length() > MOST_CHARACTERS) {
      return Optional.empty();
    }
    String normalised =
        Normalizer.normalize(text.strip(), Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    return FORM.matcher(normalised).matches()
        ? Optional.of(new Email(normalised))
        : Optional.empty();
  }
}
