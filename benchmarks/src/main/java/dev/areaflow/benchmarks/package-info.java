/** Measures the platform from outside, beside a bare loop of the same parts. */
@NullMarked
package dev.areaflow.benchmarks;

import org.jspecify.annotations.NullMarked;
