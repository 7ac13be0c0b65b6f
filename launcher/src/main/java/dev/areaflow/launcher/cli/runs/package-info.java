/** What happened, and what is asked of it. */
@NullMarked
package dev.areaflow.launcher.cli.runs;

import org.jspecify.annotations.NullMarked;
