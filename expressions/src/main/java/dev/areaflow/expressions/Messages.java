package dev.areaflow.expressions;

import com.google.common.collect.ImmutableMap;
import dev.cel.common.CelIssue;
import dev.cel.common.exceptions.CelAttributeNotFoundException;
import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.exceptions.CelDivideByZeroException;
import dev.cel.common.exceptions.CelIterationLimitExceededException;
import dev.cel.common.exceptions.CelNumericOverflowException;
import dev.cel.common.exceptions.CelOverloadNotFoundException;
import dev.cel.runtime.CelEvaluationException;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What went wrong, in words for the person who wrote the expression. */
final class Messages {
  private static final int LONGEST = 500;
  private static final int LONGEST_EXCERPT = 80;
  private static final int MOST_FIELDS = 12;

  private static final Pattern UNDECLARED =
      Pattern.compile("undeclared reference to '([^']*)' .*", Pattern.DOTALL);
  private static final Pattern NO_OVERLOAD =
      Pattern.compile(
          "found no matching overload for '([^']*)' applied to '(.*?)'(?: \\(candidates: .*)?",
          Pattern.DOTALL);
  private static final Pattern MISSING_KEY =
      Pattern.compile("key '(.*)' is not present in map\\.?");
  private static final Pattern NOT_AN_OBJECT =
      Pattern.compile("Error resolving field '(.*?)'.*", Pattern.DOTALL);
  private static final Pattern NULL_VALUE =
      Pattern.compile("Map value cannot be null for key: (.*)", Pattern.DOTALL);
  private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");
  private static final Pattern OF_THE_PROGRAM =
      Pattern.compile("\\b(?:java|javax|com|dev|org)\\.\\w+\\.|Cannot invoke|\\bclass\\b|^null$");
  private static final Pattern OVERLOAD =
      Pattern.compile("No matching overload for function '([^']*)'.*", Pattern.DOTALL);

  /** Variables whose fields are not of the event. */
  private static final List<String> ELSEWHERE =
      List.of(Language.STEPS, Language.ITEM, Language.ERROR);

  private Messages() {}

  /** Variables that only some places see, and which these are. */
  private static final ImmutableMap<String, String> PLACES =
      ImmutableMap.<String, String>builder()
          .put(Language.EVENTS, "only the reactions of an AREA with a rule see it")
          .put(Language.CHANGE, "only the reactions of an AREA with a rule see it")
          .put(Language.STEPS, "only the expressions of reactions and choices see it")
          .put(Language.ITEM, "only the inputs of a reaction with forEach see it")
          .put(Language.INDEX, "only the inputs of a reaction with forEach see it")
          .put(Language.ERROR, "only the reactions of onError see it")
          .buildOrThrow();

  /** A problem that the parser or the checker found. */
  static String ofIssue(CelIssue issue, Scope.Variables variables) {
    String message = issue.getMessage();
    Matcher undeclared = UNDECLARED.matcher(message);
    Matcher overload = NO_OVERLOAD.matcher(message);
    if (undeclared.matches()) {
      message = undeclared(undeclared.group(1), variables.names());
    } else if (overload.matches()) {
      message = "'" + operator(overload.group(1)) + "' does not apply to " + overload.group(2);
    } else {
      message = SyntaxErrors.words(message).orElse(message);
    }
    return at(issue.getSourceLocation().getColumn() + 1, message);
  }

  private static String undeclared(String name, List<String> variables) {
    String place = PLACES.get(name);
    return place == null
        ? "there is no variable or function '%s'; the variables are %s and %s"
            .formatted(
                name,
                String.join(", ", variables.subList(0, variables.size() - 1)),
                variables.getLast())
        : "there is no '" + name + "' here; " + place;
  }

  /** A message and the column that it is about, from 1. */
  static String at(int column, String message) {
    return shortened(column < 1 ? message : "column " + column + ": " + message);
  }

  /** A field that its object does not have, and those it has, the likeliest first. */
  static String unknownField(Paths.Path path, List<String> known) {
    String owner = path.isNamed() ? path.owner() : "what it is read from";
    return at(
        path.column(),
        owner + " has no field '" + path.field() + "'" + choice("it has", path.field(), known));
  }

  /** What there is instead, the likeliest first, to be appended. */
  static String choice(String name, List<String> known) {
    return choice("there are", name, known);
  }

  private static String choice(String lead, String name, List<String> known) {
    List<String> near =
        known.stream()
            .sorted(Comparator.comparingInt((String each) -> distance(name, each)))
            .toList();
    String suggestion =
        near.isEmpty() || distance(name, near.getFirst()) > 2 + name.length() / 4
            ? ""
            : "; did you mean '" + near.getFirst() + "'?";
    String list =
        near.isEmpty()
            ? ""
            : " ("
                + lead
                + " "
                + String.join(", ", near.subList(0, Math.min(MOST_FIELDS, near.size())))
                + (near.size() > MOST_FIELDS
                    ? ", and " + (near.size() - MOST_FIELDS) + " more"
                    : "")
                + ")";
    return suggestion + list;
  }

  /**
   * An evaluation that failed.
   *
   * @param withoutOutput steps whose output it reads and that have none, each with the words why
   */
  static String ofFailure(
      CelEvaluationException failure, Paths paths, Map<String, String> withoutOutput) {
    Throwable cause = cause(failure);
    String message = String.valueOf(cause.getMessage());
    if (!withoutOutput.isEmpty() && lacksOutput(cause, message)) {
      Optional<String> why = noOutput(message, paths, withoutOutput);
      if (why.isPresent()) {
        return why.get();
      }
    }
    return switch (cause) {
      case CelAttributeNotFoundException e -> missing(message, paths);
      case CelIterationLimitExceededException e ->
          "its loops run through more than 1000 entries of this event";
      case CelDivideByZeroException e -> "it divides by zero";
      case CelNumericOverflowException e -> "a number becomes too large or too small for 64 bits";
      case CelBadFormatException e -> unreadable(e);
      case CelOverloadNotFoundException e -> unfit(message);
      case NoSuchElementException e ->
          "it takes the value of an optional that has none; use .orValue(…)";
      default -> plain(message);
    };
  }

  /** What went wrong at first: CEL says of a function's failure all that it was called with. */
  private static Throwable cause(CelEvaluationException failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return cause instanceof IllegalArgumentException
            && cause.getCause() != null
            && String.valueOf(cause.getMessage()).startsWith("Function '")
        ? cause.getCause()
        : cause;
  }

  private static String unreadable(CelBadFormatException failure) {
    String found =
        failure.getCause() instanceof DateTimeParseException e
            ? "\"" + excerpt(e.getParsedString()) + "\""
            : quoted(String.valueOf(failure.getMessage()));
    return found
        + " is not written as expected: a number like 1.5, a timestamp like 2026-03-01T10:15:30Z,"
        + " a duration like 90s, a time zone like Europe/Paris";
  }

  private static String quoted(String message) {
    Matcher text = QUOTED.matcher(message);
    return text.find() ? "\"" + excerpt(text.group(1)) + "\"" : "a text";
  }

  /** A message that was not written for us, unless it speaks of the program that we are. */
  private static String plain(String message) {
    String words = message.replace("NULL_VALUE", "null");
    return OF_THE_PROGRAM.matcher(words).find()
        ? "a value of this event is of a kind that the expression cannot work with"
        : shortened(words);
  }

  /** Whether this may come of an output that is null. */
  private static boolean lacksOutput(Throwable cause, String message) {
    return switch (cause) {
      case CelIterationLimitExceededException e -> false;
      case CelDivideByZeroException e -> false;
      case CelNumericOverflowException e -> false;
      case CelBadFormatException e -> false;
      case CelAttributeNotFoundException e -> field(message).isPresent();
      default -> true;
    };
  }

  private static Optional<String> noOutput(
      String message, Paths paths, Map<String, String> withoutOutput) {
    List<Paths.Path> readings =
        field(message).map(name -> paths.readings(name).toList()).orElse(List.of());
    Optional<String> read =
        withoutOutput.entrySet().stream()
            .filter(
                step ->
                    readings.stream()
                        .anyMatch(path -> path.isWithin("steps." + step.getKey() + ".output")))
            .map(Map.Entry::getValue)
            .findFirst();
    boolean isOfAnother =
        !readings.isEmpty() && readings.stream().allMatch(Paths.Path::isNamed) && read.isEmpty();
    return isOfAnother
        ? Optional.empty()
        : read.or(() -> withoutOutput.values().stream().findFirst());
  }

  /** The field that CEL did not find. */
  private static Optional<String> field(String message) {
    for (Pattern pattern : List.of(MISSING_KEY, NULL_VALUE, NOT_AN_OBJECT)) {
      Matcher matcher = pattern.matcher(message);
      if (matcher.matches()) {
        return Optional.of(matcher.group(1));
      }
    }
    return Optional.empty();
  }

  private static String missing(String message, Paths paths) {
    Matcher key = MISSING_KEY.matcher(message);
    if (key.matches()) {
      return absent(key.group(1), paths);
    }
    Matcher nothing = NULL_VALUE.matcher(message);
    if (nothing.matches()) {
      return absent(nothing.group(1), paths);
    }
    Matcher field = NOT_AN_OBJECT.matcher(message);
    if (field.matches()) {
      Optional<Paths.Path> path = paths.find(field.group(1)).filter(Paths.Path::isNamed);
      String owner = path.map(Paths.Path::owner).orElse("what it is read from");
      return "the field '"
          + shortened(field.group(1))
          + "' cannot be read: in this event, "
          + owner
          + " is not an object (it may be null)";
    }
    return absent(message, paths);
  }

  private static String absent(String field, Paths paths) {
    return paths
        .find(field)
        .filter(Paths.Path::isNamed)
        .map(
            path ->
                ELSEWHERE.stream().anyMatch(path::isWithin)
                    ? "there is no " + path.text()
                    : "this event has no " + path.text())
        .orElseGet(() -> "this event has no field '" + excerpt(plain(field)) + "'");
  }

  private static String unfit(String message) {
    Matcher overload = OVERLOAD.matcher(message);
    return overload.matches()
        ? "'"
            + operator(overload.group(1))
            + "' cannot be applied to values of these types in this event"
        : shortened(message);
  }

  /** CEL names its operators with a place for each operand: {@code _==_}. */
  private static String operator(String function) {
    return Character.isLetter(function.charAt(0)) ? function : function.replaceAll("[_@]", "");
  }

  /** The beginning of an expression, to tell it from others. */
  static String excerpt(String cel) {
    return cel.length() <= LONGEST_EXCERPT ? cel : cel.substring(0, LONGEST_EXCERPT) + "…";
  }

  /** Texts of an event may be long, and stand in messages. */
  static String shortened(String message) {
    return message.length() <= LONGEST ? message : message.substring(0, LONGEST) + "…";
  }

  /** Levenshtein's distance, without regard to case. */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        boolean same =
            Character.toLowerCase(from.charAt(i - 1)) == Character.toLowerCase(to.charAt(j - 1));
        int replaced = diagonal + (same ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
