/** What an AREA would have done with past events, as lines that come while the server works. */
@NullMarked
package dev.areaflow.launcher.cli.backtests;

import org.jspecify.annotations.NullMarked;
