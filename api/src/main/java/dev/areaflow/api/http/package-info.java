/** The HTTP frame: routes as a table, who calls, strict bodies, problems, pages, idempotency. */
@NullMarked
package dev.areaflow.api.http;

import org.jspecify.annotations.NullMarked;
