/** The rows that change data capture carries from PostgreSQL into topics. */
@NullMarked
package dev.areaflow.schemas.rows;

import org.jspecify.annotations.NullMarked;
