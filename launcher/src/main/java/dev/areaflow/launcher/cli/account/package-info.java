/** Logging in and out. */
@NullMarked
package dev.areaflow.launcher.cli.account;

import org.jspecify.annotations.NullMarked;
