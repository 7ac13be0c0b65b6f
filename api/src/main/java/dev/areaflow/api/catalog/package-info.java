/** What the platform can do, told to clients: services, about.json, the API's own description. */
@NullMarked
package dev.areaflow.api.catalog;

import org.jspecify.annotations.NullMarked;
