package dev.areaflow.api.http;

/**
 * One thing wrong with a request.
 *
 * @param pointer a JSON pointer into the body (empty for the body as a whole), or a slash and the
 *     name of a query parameter
 * @param detail what was expected, a sentence
 */
public record Violation(String pointer, String detail) {}
