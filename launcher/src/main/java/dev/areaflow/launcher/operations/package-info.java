/** Health and metrics of a running program. */
@NullMarked
package dev.areaflow.launcher.operations;

import org.jspecify.annotations.NullMarked;
