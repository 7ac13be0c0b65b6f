/** Tests of dead letters. */
@org.jspecify.annotations.NullMarked
package dev.areaflow.api.deadletters;
