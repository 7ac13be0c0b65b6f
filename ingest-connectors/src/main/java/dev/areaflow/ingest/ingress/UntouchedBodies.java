package dev.areaflow.ingest.ingress;

import io.helidon.http.Headers;
import io.helidon.http.encoding.ContentDecoder;
import io.helidon.http.encoding.ContentEncoder;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.encoding.ContentEncodingContextConfig;

/**
 * Bodies as they came over the wire, whatever their {@code Content-Encoding}: signatures are over
 * the raw bytes, a compressed body is refused only after them, and nothing is ever inflated.
 */
final class UntouchedBodies implements ContentEncodingContext {
  private final ContentEncodingContext none =
      ContentEncodingContext.builder().contentEncodingsDiscoverServices(false).build();

  @Override
  public boolean contentEncodingEnabled() {
    return false;
  }

  @Override
  public boolean contentDecodingEnabled() {
    return true;
  }

  @Override
  public boolean contentEncodingSupported(String encodingId) {
    return none.contentEncodingSupported(encodingId);
  }

  @Override
  public boolean contentDecodingSupported(String encodingId) {
    return true;
  }

  @Override
  public ContentEncoder encoder(String encodingId) {
    return none.encoder(encodingId);
  }

  @Override
  public ContentDecoder decoder(String encodingId) {
    return ContentDecoder.NO_OP;
  }

  @Override
  public ContentEncoder encoder(Headers headers) {
    return ContentEncoder.NO_OP;
  }

  @Override
  public ContentEncodingContextConfig prototype() {
    return none.prototype();
  }
}
