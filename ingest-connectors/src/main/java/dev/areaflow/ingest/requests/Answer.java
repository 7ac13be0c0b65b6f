package dev.areaflow.ingest.requests;

import org.apache.kafka.clients.producer.ProducerRecord;

/** What is made of a request. */
sealed interface Answer {

  /** A record to write. */
  record Write(ProducerRecord<byte[], byte[]> record) implements Answer {}

  /**
   * Nothing: what it is about is not kept any more.
   *
   * @param detail what was looked for
   */
  record Gone(String detail) implements Answer {}

  /**
   * Nothing: it may not be done.
   *
   * @param detail why
   */
  record Refused(String detail) implements Answer {}
}
