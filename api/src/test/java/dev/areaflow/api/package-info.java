/** The API's test kit: a server on a fresh database, and a client that checks the contract. */
@NullMarked
package dev.areaflow.api;

import org.jspecify.annotations.NullMarked;
