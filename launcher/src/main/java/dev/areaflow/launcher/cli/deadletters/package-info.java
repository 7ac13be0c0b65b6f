/** What could not be processed at all. */
@NullMarked
package dev.areaflow.launcher.cli.deadletters;

import org.jspecify.annotations.NullMarked;
