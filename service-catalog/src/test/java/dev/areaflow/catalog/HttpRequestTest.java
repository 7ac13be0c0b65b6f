package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.expressions.Problem;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The requests of {@code http.request}; inputs are written with ' for ". */
final class HttpRequestTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Reaction REQUEST =
      ServiceCatalog.bundled().reaction("http", "request").orElseThrow();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'url':'https://example.org/in'} | POST https://example.org/in {} -",
        "{'method':'GET','url':'http://example.org:81?a=b'} | GET http://example.org:81?a=b {} -",
        "{'method':'PURGE','url':'HTTPS://Example.org/x#frag'} | PURGE https://Example.org/x {} -",
        "{'url':'https://[2a00::1]:8443/'} | POST https://[2a00::1]:8443/ {} -",
        "{'url':'https://e.org','body':{'a':1}} | POST https://e.org {Content-Type=application/json} {'a':1}",
        "{'url':'https://e.org','body':'text'} | POST https://e.org {Content-Type=application/json} 'text'",
        "{'url':'https://e.org','body':null} | POST https://e.org {Content-Type=application/json} null",
        "{'url':'https://e.org','headers':{'X-N':7,'X-B':true},'body':[1]} | POST https://e.org {X-N=7, X-B=true, Content-Type=application/json} [1]",
        "{'url':'https://e.org','headers':{'content-type':'application/problem+json'},'body':{}} | POST https://e.org {content-type=application/problem+json} {}",
        "{'url':'https://e.org','headers':{'content-type':'text/plain'},'body':'a & b'} | POST https://e.org {content-type=text/plain} a & b",
        "{'url':'https://e.org','headers':{'CONTENT-TYPE':'application/x-www-form-urlencoded; charset=utf-8'},'body':{'a':'ä+&=','b':[1,null,2],'c':null}} | POST https://e.org {CONTENT-TYPE=application/x-www-form-urlencoded; charset=utf-8} a=%C3%A4%2B%26%3D&b=1&b=2",
      })
  void inputsBecomeARequest(String inputs, String expected) {
    // when
    OutboundRequest request = REQUEST.request(json(inputs));

    // then
    assertThat(
            request.method()
                + " "
                + request.uri()
                + " "
                + request.headers()
                + " "
                + request.body().map(body -> new String(body, UTF_8)).orElse("-"))
        .isEqualTo(expected.strip().replace('\'', '"'));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "example.org/in",
        "/in",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://user:pw@example.org/",
        "https://user@example.org/",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://example.org/a b",
        "https://example.org/\\r\\nHost: x",
        "https://0x7f.1/",
        "https://example.org/é",
        "https://exämple.org/",
        "https://under_score.example.org/",
      })
  void urlsThatLeadNowhereAreRefused(String url) {
    assertProblem("{'url':'" + url + "'}", "/url");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host",
        "host",
        "Content-Length",
        "Transfer-Encoding",
        "Connection",
        "Idempotency-Key",
        "idempotency-key",
        "Accept-Encoding",
        "Expect",
        "Upgrade",
        "TE",
        "Bad Name",
        "Bad:Name",
        "Bad\\r\\nName",
        "",
      })
  void headersThatAreNotThePersonsAreRefused(String name) {
    assertProblem(
        "{'url':'https://e.org','headers':{'" + name + "':'x'}}",
        "/headers/" + json("'" + name + "'").asText());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\\r\\nX-Injected: 1",
        "a\\nb",
        "a\\rb",
        "a\\u0000b",
        "a\\u001bb",
        "a\\u007fb",
        "\\u2028",
        "😀",
      })
  void headerValuesThatWouldBreakTheMessageAreRefused(String value) {
    assertProblem("{'url':'https://e.org','headers':{'X-A':'" + value + "'}}", "/headers/X-A");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'method':'CONNECT','url':'https://e.org'} | /method",
        "{'method':'TRACE','url':'https://e.org'} | /method",
        "{'method':'get','url':'https://e.org'} | /method",
        "{'method':'G ET','url':'https://e.org'} | /method",
        "{'method':1,'url':'https://e.org'} | /method",
        "{'url':7} | /url",
        "{} | /url",
        "{'url':'https://e.org','headers':[]} | /headers",
        "{'url':'https://e.org','headers':{'A':null}} | /headers/A",
        "{'url':'https://e.org','headers':{'A':{}}} | /headers/A",
        "{'url':'https://e.org','headers':{'A':'1','a':'2'}} | /headers/a",
        "{'url':'https://e.org','headers':{'content-type':'text/plain'},'body':{}} | /body",
        "{'url':'https://e.org','headers':{'content-type':'text/xml'},'body':'<a/>'} | /body",
        "{'url':'https://e.org','headers':{'content-type':'application/x-www-form-urlencoded'},'body':'a=b'} | /body",
        "{'url':'https://e.org','headers':{'content-type':'application/x-www-form-urlencoded'},'body':{'a':{}}} | /body/a",
        "{'url':'https://e.org','query':{}} | /query",
      })
  void otherInputsThatDoNotFitAreRefused(String inputs, String pointer) {
    assertProblem(inputs, pointer.strip());
  }

  private static void assertProblem(String inputs, String pointer) {
    // when
    InvalidInputsException refusal =
        catchThrowableOfType(InvalidInputsException.class, () -> REQUEST.request(json(inputs)));

    // then
    assertThat(refusal).isNotNull();
    assertThat(refusal.problems()).extracting(Problem::pointer).contains(pointer);
    assertThat(refusal).hasMessageContaining("inputs" + pointer);
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }
}
