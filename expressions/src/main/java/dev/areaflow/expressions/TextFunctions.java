package dev.areaflow.expressions;

import com.google.common.collect.ImmutableList;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import dev.cel.runtime.CelFunctionOverload;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The functions of texts whose cost is a product of their arguments' sizes. They stand in for CEL's
 * own of the same names (code points count, positions start at 0), and pay the meter before they
 * work. {@code reverse} is here because CEL finds that of texts or that of lists, not both, where
 * it cannot know the type.
 */
final class TextFunctions {
  static final int LONGEST_PATTERN = 1_000;
  static final int LARGEST_PROGRAM = 1_000;

  /** RE2/J writes repetitions out before it counts; what is surely too large it never sees. */
  private static final int LARGEST_EXPANSION = 10 * LARGEST_PROGRAM;

  /** Names that the runtime asks the meter for. */
  static final ImmutableList<String> NAMES =
      ImmutableList.of(
          "contains", "matches", "indexOf", "lastIndexOf", "replace", "split", "join", "reverse");

  private static final ListType ANY_LIST = ListType.create(TypeParamType.create("T"));

  /** Those that CEL's standard declarations do not have. */
  static final ImmutableList<CelFunctionDecl> DECLARATIONS =
      ImmutableList.of(
          CelFunctionDecl.newFunctionDeclaration(
              "indexOf",
              CelOverloadDecl.newMemberOverload(
                  "string_index_of_string", SimpleType.INT, SimpleType.STRING, SimpleType.STRING)),
          CelFunctionDecl.newFunctionDeclaration(
              "lastIndexOf",
              CelOverloadDecl.newMemberOverload(
                  "string_last_index_of_string",
                  SimpleType.INT,
                  SimpleType.STRING,
                  SimpleType.STRING)),
          CelFunctionDecl.newFunctionDeclaration(
              "replace",
              CelOverloadDecl.newMemberOverload(
                  "string_replace_string_string",
                  SimpleType.STRING,
                  SimpleType.STRING,
                  SimpleType.STRING,
                  SimpleType.STRING)),
          CelFunctionDecl.newFunctionDeclaration(
              "split",
              CelOverloadDecl.newMemberOverload(
                  "string_split_string",
                  ListType.create(SimpleType.STRING),
                  SimpleType.STRING,
                  SimpleType.STRING)),
          CelFunctionDecl.newFunctionDeclaration(
              "join",
              CelOverloadDecl.newMemberOverload(
                  "list_join", SimpleType.STRING, ListType.create(SimpleType.STRING)),
              CelOverloadDecl.newMemberOverload(
                  "list_join_string",
                  SimpleType.STRING,
                  ListType.create(SimpleType.STRING),
                  SimpleType.STRING)),
          CelFunctionDecl.newFunctionDeclaration(
              "reverse",
              CelOverloadDecl.newMemberOverload(
                  "string_reverse", SimpleType.STRING, SimpleType.STRING),
              CelOverloadDecl.newMemberOverload("list_reverse", ANY_LIST, ANY_LIST)));

  private static final int COMPARISONS_PER_UNIT = 256;
  private static final int STEPS_PER_UNIT = 8;
  private static final int COMPILATION_UNITS = 20_000;

  private final Meter meter;

  TextFunctions(Meter meter) {
    this.meter = meter;
  }

  /** The function for these arguments, empty where there is none. */
  @SuppressWarnings("Immutable") // made for one call, and gone after it
  Optional<CelFunctionOverload> find(String name, Object[] arguments) {
    for (int i = 1; i < arguments.length; i++) {
      if (!(arguments[i] instanceof String)) {
        return Optional.empty();
      }
    }
    return switch (arguments.length == 0 ? "" : arguments[0]) {
      case String text -> ofText(name, arguments.length);
      case List<?> list -> ofList(name, arguments.length);
      default -> Optional.empty();
    };
  }

  @SuppressWarnings("Immutable") // as above
  private Optional<CelFunctionOverload> ofText(String name, int arguments) {
    return switch (arguments) {
      case 1 -> name.equals("reverse") ? Optional.of(a -> reverse(text(a, 0))) : Optional.empty();
      case 2 ->
          switch (name) {
            case "contains" -> Optional.of(a -> contains(text(a, 0), text(a, 1)));
            case "matches" -> Optional.of(a -> matches(text(a, 0), text(a, 1)));
            case "indexOf" -> Optional.of(a -> indexOf(text(a, 0), text(a, 1)));
            case "lastIndexOf" -> Optional.of(a -> lastIndexOf(text(a, 0), text(a, 1)));
            case "split" -> Optional.of(a -> split(text(a, 0), text(a, 1)));
            default -> Optional.empty();
          };
      case 3 ->
          name.equals("replace")
              ? Optional.of(a -> replace(text(a, 0), text(a, 1), text(a, 2)))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  @SuppressWarnings("Immutable") // as above
  private Optional<CelFunctionOverload> ofList(String name, int arguments) {
    return switch (arguments) {
      case 1 ->
          switch (name) {
            case "join" -> Optional.of(a -> join(list(a), ""));
            case "reverse" -> Optional.of(a -> reverse(list(a)));
            default -> Optional.empty();
          };
      case 2 ->
          name.equals("join") ? Optional.of(a -> join(list(a), text(a, 1))) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static List<?> list(Object[] arguments) {
    return (List<?>) arguments[0];
  }

  private static String text(Object[] arguments, int index) {
    return (String) arguments[index];
  }

  private boolean contains(String text, String sought) {
    chargeSearch(text, sought);
    return text.contains(sought);
  }

  private long indexOf(String text, String sought) {
    chargeSearch(text, sought);
    return codePoints(text, text.indexOf(sought));
  }

  private long lastIndexOf(String text, String sought) {
    chargeSearch(text, sought);
    return codePoints(text, text.lastIndexOf(sought));
  }

  private static long codePoints(String text, int index) {
    return index < 0 ? -1 : text.codePointCount(0, index);
  }

  private String replace(String text, String sought, String replacement) {
    chargeSearch(text, sought);
    long found = occurrences(text, sought);
    meter.chargeText(text.length() + found * (replacement.length() - sought.length()));
    return text.replace(sought, replacement);
  }

  private ImmutableList<String> split(String text, String separator) {
    chargeSearch(text, separator);
    meter.charge(occurrences(text, separator));
    if (separator.isEmpty()) {
      return text.codePoints()
          .mapToObj(Character::toString)
          .collect(ImmutableList.toImmutableList());
    }
    ImmutableList.Builder<String> parts = ImmutableList.builder();
    int start = 0;
    for (int end = text.indexOf(separator); end >= 0; end = text.indexOf(separator, start)) {
      parts.add(text.substring(start, end));
      start = end + separator.length();
    }
    return parts.add(text.substring(start)).build();
  }

  private String join(List<?> parts, String separator) {
    meter.chargeElements(parts.size());
    List<String> texts = new ArrayList<>(parts.size());
    long characters = (long) separator.length() * Math.max(0, parts.size() - 1);
    for (Object part : parts) {
      String text =
          switch (part) {
            case String given -> given;
            case Number number -> number.toString();
            case Boolean bool -> bool.toString();
            default ->
                throw new CelInvalidArgumentException(
                    "join() joins texts, and " + Values.kind(part) + " stands in the list");
          };
      texts.add(text);
      characters += text.length();
    }
    meter.chargeText(characters);
    return String.join(separator, texts);
  }

  private String reverse(String text) {
    meter.chargeText(text.length());
    return new StringBuilder(text).reverse().toString();
  }

  private ImmutableList<Object> reverse(List<?> list) {
    meter.chargeElements(list.size());
    return ImmutableList.<Object>copyOf(list).reverse();
  }

  private static long occurrences(String text, String sought) {
    if (sought.isEmpty()) {
      return text.length() + 1L;
    }
    long found = 0;
    for (int at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + sought.length())) {
      found++;
    }
    return found;
  }

  private void chargeSearch(String text, String sought) {
    meter.charge((long) text.length() * sought.length() / COMPARISONS_PER_UNIT);
  }

  private boolean matches(String text, String pattern) {
    Pattern compiled = meter.literalPattern(pattern);
    if (compiled == null) {
      meter.charge(COMPILATION_UNITS);
      compiled = compile(pattern);
    }
    meter.charge((long) text.length() * compiled.programSize() / STEPS_PER_UNIT);
    return compiled.matcher(text).find();
  }

  /**
   * Compiles a regular expression (RE2: its time is linear in the text).
   *
   * @throws IllegalArgumentException if it is not one, or too large
   */
  static Pattern compile(String pattern) {
    if (pattern.length() > LONGEST_PATTERN) {
      throw new IllegalArgumentException(
          "a regular expression may have "
              + LONGEST_PATTERN
              + " characters, this has "
              + pattern.length());
    }
    long steps = PatternSize.of(pattern);
    if (steps > LARGEST_EXPANSION) {
      throw tooLarge(pattern, steps);
    }
    Pattern compiled;
    try {
      compiled = Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "\"" + pattern + "\" is not a regular expression: " + e.getDescription(), e);
    }
    if (compiled.programSize() > LARGEST_PROGRAM) {
      throw tooLarge(pattern, compiled.programSize());
    }
    return compiled;
  }

  private static IllegalArgumentException tooLarge(String pattern, long steps) {
    return new IllegalArgumentException(
        "the regular expression \""
            + Messages.excerpt(pattern)
            + "\" is too large: its repetitions come to "
            + steps
            + " steps, "
            + LARGEST_PROGRAM
            + " are allowed");
  }
}
