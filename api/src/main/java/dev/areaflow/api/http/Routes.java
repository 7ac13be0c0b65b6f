package dev.areaflow.api.http;

import java.util.List;

/** A part of the API: its routes as a table. */
public interface Routes {
  List<Route> table();
}
