/**
 * What commands that use a server are made of: their frame, the login, the API, and what its
 * refusals mean.
 */
@NullMarked
package dev.areaflow.launcher.cli.server;

import org.jspecify.annotations.NullMarked;
