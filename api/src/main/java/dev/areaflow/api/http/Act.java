package dev.areaflow.api.http;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a call does, as the audit log tells of it. Handlers add what route and caller do not say,
 * and never a secret or a payload. Belongs to the thread of its call.
 */
public final class Act {
  /** Ids as they are in addresses: what people type there may be anything. */
  private static final Pattern ID = Pattern.compile("[0-9a-fA-F-]{1,40}");

  private final Optional<Caller> caller;
  private final String address;
  private String kind;
  private @Nullable UUID user;
  private @Nullable String subject;
  private @Nullable String detail;

  /**
   * @param kind what is done, for example {@code area.create}
   * @param address of the caller
   */
  Act(String kind, Optional<Caller> caller, String address) {
    this.kind = kind;
    this.caller = caller;
    this.address = address;
    this.user = caller.map(Caller::userId).orElse(null);
  }

  /** Says which of several things it is. */
  public Act as(String other) {
    kind = other;
    return this;
  }

  /** Says who does it, where that becomes known by doing it. */
  public Act by(UUID userId) {
    user = userId;
    return this;
  }

  /** Says what it is done to; a text that is no id is left out. */
  public Act about(Object id) {
    String text = id.toString();
    if (ID.matcher(text).matches()) {
      subject = text;
    }
    return this;
  }

  /** Says more, in words. */
  public Act detail(String words) {
    detail = words.isEmpty() ? null : words;
    return this;
  }

  /** What was made is what it is about, where nothing else is. */
  public void madeBy(Answer answer) {
    @Nullable String location = answer.headers().get("Location");
    if (subject == null && location != null) {
      about(location.substring(location.lastIndexOf('/') + 1));
    }
  }

  public Optional<Caller> caller() {
    return caller;
  }

  public String address() {
    return address;
  }

  public String kind() {
    return kind;
  }

  /** Who does it; null where nobody knows. */
  public @Nullable UUID user() {
    return user;
  }

  /** The id of what it is about; null where it is about nothing that has one. */
  public @Nullable String subject() {
    return subject;
  }

  public @Nullable String detail() {
    return detail;
  }
}
