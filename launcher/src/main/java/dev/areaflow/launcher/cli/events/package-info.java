/** What came in. */
@NullMarked
package dev.areaflow.launcher.cli.events;

import org.jspecify.annotations.NullMarked;
