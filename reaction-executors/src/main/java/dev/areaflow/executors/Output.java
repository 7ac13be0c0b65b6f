package dev.areaflow.executors;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import dev.areaflow.catalog.Reaction;
import dev.areaflow.catalog.http.OutboundResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What later steps see of an answer: JSON that they can read, bounded, and without the secrets that
 * the request carried. It is copied token by token, so that no answer takes more memory than that.
 *
 * @param json UTF-8; empty where there is nothing
 * @param note why there is nothing although the service answered something
 */
record Output(Optional<ByteBuffer> json, Optional<String> note) {
  /** Of all of it. */
  static final int MOST_BYTES = 256 * 1024;

  private static final int MOST_HEADER_BYTES = 16 * 1024;
  private static final int MOST_ENVELOPE_BYTES = 256;
  private static final int MOST_BODY_BYTES = MOST_BYTES - MOST_HEADER_BYTES - MOST_ENVELOPE_BYTES;

  /** As deep as expressions read it, which see a body one level deeper. */
  private static final int MOST_DEPTH = 63;

  private static final int MOST_NUMBER_CHARACTERS = 100;
  private static final Pattern CHARSET =
      Pattern.compile("(?i);\\s*charset\\s*=\\s*\"?([\\w.:+-]{1,40})");
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MOST_DEPTH)
                  .maxNumberLength(MOST_NUMBER_CHARACTERS)
                  .build())
          .build();

  private static final Output NOTHING = new Output(Optional.empty(), Optional.empty());

  /** Of the answer to a reaction's request. */
  static Output of(Reaction reaction, OutboundResponse response, Excerpt excerpt) {
    if (reaction.outputIsAnswer()) {
      return ofAnswer(response, excerpt);
    }
    if (isBlank(response.body())) {
      return NOTHING;
    }
    try {
      byte[] body = copied(response.body(), MOST_BYTES, excerpt);
      return new Output(Optional.of(ByteBuffer.wrap(body)), Optional.empty());
    } catch (TooLongException e) {
      return nothing(
          "the answer is longer than " + MOST_BYTES / 1024 + " KiB, so that steps do not see it");
    } catch (IOException e) {
      return nothing("the answer is no JSON that steps can read");
    }
  }

  private static Output nothing(String note) {
    return new Output(Optional.empty(), Optional.of(note));
  }

  private static Output ofAnswer(OutboundResponse response, Excerpt excerpt) {
    Part headers = headers(response.headers(), excerpt);
    Part body = body(response, excerpt);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(ascii("{\"status\":" + response.status() + ",\"headers\":"));
    all.writeBytes(headers.json());
    all.writeBytes(ascii(",\"body\":"));
    all.writeBytes(body.json());
    all.writeBytes(ascii(headers.truncated() || body.truncated() ? ",\"truncated\":true}" : "}"));
    return new Output(Optional.of(ByteBuffer.wrap(all.toByteArray())), Optional.empty());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** A part of the answer as JSON. */
  @SuppressWarnings("ArrayRecordComponent") // handed on uncopied, nobody compares it
  private record Part(byte[] json, boolean truncated) {
    private static final byte[] NULL = ascii("null");
  }

  private static Part headers(Map<String, String> headers, Excerpt excerpt) {
    boolean truncated = false;
    int left = MOST_HEADER_BYTES - 2;
    ByteArrayOutputStream object = new ByteArrayOutputStream();
    for (Map.Entry<String, String> header : new TreeMap<>(headers).entrySet()) {
      JsonText name = JsonText.of(excerpt.masked(header.getKey()), left);
      JsonText value = JsonText.of(excerpt.masked(header.getValue()), left);
      int bytes = name.json().length + value.json().length + 2;
      if (name.cut() || value.cut() || bytes > left) {
        truncated = true;
      } else {
        left -= bytes;
        object.write(object.size() == 0 ? '{' : ',');
        object.writeBytes(name.json());
        object.write(':');
        object.writeBytes(value.json());
      }
    }
    if (object.size() == 0) {
      object.write('{');
    }
    object.write('}');
    return new Part(object.toByteArray(), truncated);
  }

  private static Part body(OutboundResponse response, Excerpt excerpt) {
    if (response.body().length == 0) {
      return new Part(Part.NULL, response.cut());
    }
    String type = response.headers().getOrDefault("content-type", "");
    if (isJson(type)) {
      try {
        return new Part(copied(response.body(), MOST_BODY_BYTES, excerpt), false);
      } catch (TooLongException e) {
        return new Part(Part.NULL, true);
      } catch (IOException e) {
        if (response.cut()) {
          return new Part(Part.NULL, true);
        }
        // what it says that it is, it is not: then it is a text
      }
    }
    String text = excerpt.masked(new String(response.body(), charset(type)));
    JsonText kept = JsonText.of(text, MOST_BODY_BYTES);
    return new Part(kept.json(), response.cut() || kept.cut());
  }

  private static boolean isJson(String contentType) {
    String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    return type.equals("application/json") || type.equals("text/json") || type.endsWith("+json");
  }

  private static Charset charset(String contentType) {
    Matcher named = CHARSET.matcher(contentType);
    try {
      return named.find() ? Charset.forName(named.group(1)) : StandardCharsets.UTF_8;
    } catch (IllegalArgumentException e) {
      return StandardCharsets.UTF_8; // one that this machine does not know
    }
  }

  private static boolean isBlank(byte[] body) {
    for (byte each : body) {
      if (each != ' ' && each != '\n' && each != '\r' && each != '\t') {
        return false;
      }
    }
    return true;
  }

  private static byte[] copied(byte[] body, int mostBytes, Excerpt excerpt) throws IOException {
    Bounded copy = new Bounded(mostBytes);
    try (JsonParser in = JSON.createParser(body);
        JsonGenerator out = JSON.createGenerator(copy, JsonEncoding.UTF8)) {
      out.disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
      if (in.nextToken() == null) {
        throw new JsonParseException(in, "expected JSON, found nothing");
      }
      copyValue(in, out, excerpt);
      if (in.nextToken() != null) {
        throw new JsonParseException(in, "expected one JSON value, found more after it");
      }
    }
    return copy.kept.toByteArray();
  }

  private static void copyValue(JsonParser in, JsonGenerator out, Excerpt excerpt)
      throws IOException {
    int depth = 0;
    JsonToken token = in.currentToken();
    while (token != null) {
      switch (token) {
        case FIELD_NAME -> out.writeFieldName(excerpt.masked(in.currentName()));
        case VALUE_STRING -> out.writeString(excerpt.masked(in.getText()));
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> out.writeNumber(in.getText());
        default -> out.copyCurrentEvent(in);
      }
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      if (depth == 0) {
        return;
      }
      token = in.nextToken();
    }
    throw new JsonParseException(in, "expected the end of the value");
  }

  /** Takes so many bytes, and no more. */
  private static final class Bounded extends OutputStream {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final int most;

    private Bounded(int most) {
      this.most = most;
    }

    @Override
    public void write(int each) throws TooLongException {
      write(new byte[] {(byte) each}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws TooLongException {
      if (kept.size() + length > most) {
        throw new TooLongException();
      }
      kept.write(bytes, from, length);
    }
  }

  private static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
