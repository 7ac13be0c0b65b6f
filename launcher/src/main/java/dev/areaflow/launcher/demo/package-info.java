/** The demonstration: one event's whole way, seen from the outside. */
@NullMarked
package dev.areaflow.launcher.demo;

import org.jspecify.annotations.NullMarked;
