/** A server that prints what it receives. */
@NullMarked
package dev.areaflow.launcher.sink;

import org.jspecify.annotations.NullMarked;
