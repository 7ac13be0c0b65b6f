/** Past events decided on once more. */
@NullMarked
package dev.areaflow.launcher.cli.replays;

import org.jspecify.annotations.NullMarked;
