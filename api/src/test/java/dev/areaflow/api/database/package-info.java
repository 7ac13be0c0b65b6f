/** Tests of the database. */
@NullMarked
package dev.areaflow.api.database;

import org.jspecify.annotations.NullMarked;
