/** Documents that describe contracts to the outside: the API's. */
@NullMarked
package dev.areaflow.schemas.documents;

import org.jspecify.annotations.NullMarked;
