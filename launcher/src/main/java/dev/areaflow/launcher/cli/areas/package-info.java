/** AREAs, one by one and as files. */
@NullMarked
package dev.areaflow.launcher.cli.areas;

import org.jspecify.annotations.NullMarked;
