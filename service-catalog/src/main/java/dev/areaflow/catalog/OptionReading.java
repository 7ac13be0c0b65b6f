package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks a service for options: one page after the other, up to a bound. For one thread. */
public final class OptionReading {
  private static final int MOST_PAGES = 10;

  private final OptionList options;
  private final ObjectNode given;
  private final Map<String, OptionList.Option> found = new LinkedHashMap<>();
  private int pages;
  private int items;
  private @Nullable OutboundRequest first;
  private @Nullable OutboundRequest request;

  OptionReading(OptionList options, Map<String, String> inputs, String search) {
    this.options = options;
    this.given = JsonNodeFactory.instance.objectNode();
    inputs.forEach(given::put);
    if (!search.isEmpty()) {
      given.put(OptionList.SEARCH, search);
    }
  }

  /**
   * The request of the next page, at first of the first.
   *
   * @throws InvalidInputsException if another input is missing, or is none
   */
  public OutboundRequest request() {
    @Nullable OutboundRequest next = request;
    if (next == null) {
      OutboundRequest plain = options.request().fill(given);
      @Nullable Paging paging = options.paging();
      next = paging == null ? plain : paging.first(plain);
      first = next;
      request = next;
    }
    return next;
  }

  /**
   * Takes what a successful answer to the last request has.
   *
   * @return whether there is another page to ask for
   * @throws UnusableAnswerException saying what was expected, without anything of the answer
   */
  public boolean read(OutboundResponse response) throws UnusableAnswerException {
    JsonNode answer = PollFinder.json(response.body());
    JsonNode list = options.list(answer);
    for (JsonNode item : list) {
      Optional<OptionList.Option> option = options.option(item, given);
      if (option.isPresent() && found.size() < OptionList.MOST) {
        found.putIfAbsent(option.get().value(), option.get());
      }
    }
    pages++;
    items += list.size();
    @Nullable Paging paging = options.paging();
    Paging.@Nullable Next next =
        paging == null ? null : paging.next(response, answer, list.size(), pages, items);
    if (paging == null
        || next == null
        || found.size() >= OptionList.MOST
        || pages >= most(paging)) {
      return false;
    }
    OutboundRequest last = Objects.requireNonNull(request);
    request =
        switch (next) {
          case Paging.Next.At(var address) ->
              last.to(Paging.near(last.uri(), address, options.endpoint()));
          case Paging.Next.With(var value) -> with(paging, value);
        };
    return true;
  }

  private OutboundRequest with(Paging paging, String value) {
    @Nullable RequestTemplate next = options.next();
    return next == null
        ? RequestQuery.with(
            Objects.requireNonNull(first), Objects.requireNonNull(paging.part().param()), value)
        : next.fill(given.deepCopy().put(References.CURSOR, value));
  }

  private static int most(Paging paging) {
    return paging.part().most() == null ? MOST_PAGES : paging.part().most();
  }

  /** What all pages have, in their order; of options with one value the first. */
  public List<OptionList.Option> found() {
    return List.copyOf(found.values());
  }
}
