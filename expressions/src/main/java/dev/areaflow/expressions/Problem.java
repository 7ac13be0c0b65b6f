package dev.areaflow.expressions;

/**
 * Something that a person has to correct.
 *
 * @param pointer where, as a JSON pointer (RFC 6901) within what was given; empty for the whole
 * @param detail what is wrong, in words
 */
public record Problem(String pointer, String detail) {}
