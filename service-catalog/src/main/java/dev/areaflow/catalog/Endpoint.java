package dev.areaflow.catalog;

import dev.areaflow.catalog.http.CallLimit;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where a service's interface is; its credentials go nowhere else.
 *
 * @param baseUrl absolute, http or https, without user information, query and fragment, and without
 *     a slash at its end
 * @param headers what every request carries, by name in lower case
 * @param quota what answers say of the rate limit, empty if nothing
 * @param probe what tells whether credentials are good, empty if the service has no such request
 * @param rules answers that mean something else than their status does; the first that fits counts
 * @param limits how often it may be called
 * @param hosts other base URLs, by the names that requests have for them; credentials go there, too
 */
public record Endpoint(
    URI baseUrl,
    Map<String, String> headers,
    Optional<Quota> quota,
    Optional<Probe> probe,
    List<AnswerRule> rules,
    List<CallLimit> limits,
    Map<String, URI> hosts) {
  public Endpoint {
    headers = Map.copyOf(headers);
    rules = List.copyOf(rules);
    limits = List.copyOf(limits);
    hosts = Map.copyOf(hosts);
  }

  /** One at a single host whose answers mean what their status does, called as often as it lets. */
  public Endpoint(
      URI baseUrl, Map<String, String> headers, Optional<Quota> quota, Optional<Probe> probe) {
    this(baseUrl, headers, quota, probe, List.of(), List.of(), Map.of());
  }

  /**
   * A request that every good credential is answered 2xx for.
   *
   * @param method GET, or POST without a body
   * @param address a path below the base URL, starting with a slash, or a URL of its own where the
   *     provider says elsewhere whose the credentials are
   * @param label JSON pointer to the account's name in the answer
   */
  public record Probe(String method, String address, String label) {

    /** One that is asked with GET. */
    public Probe(String address, String label) {
      this("GET", address, label);
    }

    /** Where the operator's own server is, there is no other one to ask. */
    private Probe moved() {
      return address.startsWith("/")
          ? this
          : new Probe(method, URI.create(address).getRawPath(), label);
    }

    private URI at(URI baseUrl) {
      return URI.create(address.startsWith("/") ? baseUrl + address : address);
    }
  }

  /**
   * Headers of an answer that say how far the service's rate limit is used up.
   *
   * @param remaining how many requests are left
   * @param reset when there are more, in seconds since 1970
   */
  public record Quota(String remaining, String reset) {}

  /** An address below one that a person gave. */
  public static Endpoint at(URI baseUrl) {
    return new Endpoint(baseUrl, Map.of(), Optional.empty(), Optional.empty());
  }

  /** This endpoint elsewhere: at servers of the operator's own. */
  Endpoint movedTo(URI otherBaseUrl, Map<String, URI> otherHosts) {
    return new Endpoint(
        otherBaseUrl, headers, quota, probe.map(Probe::moved), rules, limits, otherHosts);
  }

  /**
   * Where the paths of a request begin.
   *
   * @param host as the request names it; an unknown one is the base URL
   */
  URI base(String host) {
    return hosts.getOrDefault(host, baseUrl);
  }

  /** The request that tells whether credentials are good. */
  public Optional<OutboundRequest> probeRequest() {
    return probe.map(
        asked -> new OutboundRequest(asked.method(), asked.at(baseUrl), headers, Optional.empty()));
  }

  /**
   * What an answer means, the service's rate limit and its rules considered.
   *
   * @param now the time that the end of the limit is compared with
   */
  public CallResult result(OutboundResponse response, Instant now) {
    boolean limited = response.status() == 403 || response.status() == 429;
    Optional<Duration> wait =
        limited
            ? CallResult.retryAfter(response, now).or(() -> untilReset(response, now))
            : Optional.empty();
    if (wait.isPresent()) {
      return new CallResult.Retryable(
          "answered with status " + response.status() + ": its rate limit is used up", wait);
    }
    return rules.stream()
        .filter(rule -> rule.fits(response))
        .findFirst()
        .map(AnswerRule::result)
        .orElseGet(() -> CallResult.of(response, now));
  }

  private Optional<Duration> untilReset(OutboundResponse response, Instant now) {
    return quota
        .filter(limit -> "0".equals(response.headers().get(limit.remaining())))
        .map(limit -> response.headers().getOrDefault(limit.reset(), ""))
        .filter(reset -> reset.matches("\\d{1,11}"))
        .map(reset -> Duration.between(now, Instant.ofEpochSecond(Long.parseLong(reset))))
        .map(CallResult::bounded);
  }

  /**
   * Whether the service's credentials may go to this address: it has the scheme, host and port of a
   * base URL, and its path is that URL's or below, without {@code .} and {@code ..} segments, plain
   * or percent-encoded, that a server could read as a way out.
   */
  public boolean covers(URI address) {
    return isBelow(baseUrl, address)
        || hosts.values().stream().anyMatch(host -> isBelow(host, address));
  }

  private static boolean isBelow(URI base, URI address) {
    String path = path(address);
    return address.getScheme() != null
        && address.getScheme().equalsIgnoreCase(base.getScheme())
        && address.getHost() != null
        && address.getHost().equalsIgnoreCase(base.getHost())
        && address.getRawUserInfo() == null
        && port(address) == port(base)
        && (path.equals(path(base)) || path.startsWith(path(base) + "/"))
        && !climbs(path);
  }

  private static boolean climbs(String path) {
    String plain =
        path.toLowerCase(Locale.ROOT)
            .replace("%2e", ".")
            .replace("%2f", "/")
            .replace("%5c", "/")
            .replace('\\', '/');
    for (String segment : plain.split("/", -1)) {
      if (segment.equals(".") || segment.equals("..")) {
        return true;
      }
    }
    return false;
  }

  private static String path(URI address) {
    return address.getRawPath() == null ? "" : address.getRawPath();
  }

  private static int port(URI address) {
    if (address.getPort() >= 0) {
      return address.getPort();
    }
    return address.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }
}
