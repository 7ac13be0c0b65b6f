/** The users' accounts at services: what proves them, and how it gets onto requests. */
@NullMarked
package dev.areaflow.catalog.connections;

import org.jspecify.annotations.NullMarked;
