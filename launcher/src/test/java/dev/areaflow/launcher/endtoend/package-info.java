/** The whole platform, through its public HTTP interfaces only. */
@NullMarked
package dev.areaflow.launcher.endtoend;

import org.jspecify.annotations.NullMarked;
