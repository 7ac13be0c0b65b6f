/** The users' accounts at services: made, tested, renamed, deleted. */
@NullMarked
package dev.areaflow.api.connections;

import org.jspecify.annotations.NullMarked;
