/** PostgreSQL: the pool, and the migrations that make the tables. */
@NullMarked
package dev.areaflow.api.database;

import org.jspecify.annotations.NullMarked;
