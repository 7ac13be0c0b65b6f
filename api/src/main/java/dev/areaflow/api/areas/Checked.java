package dev.areaflow.api.areas;

import dev.areaflow.catalog.Action;
import dev.areaflow.schemas.rows.Plan;

/**
 * A definition in which nothing is wrong.
 *
 * @param definition as it was written
 * @param action the action that it names
 * @param plan what the topology executes for it
 */
record Checked(Definition definition, Action action, Plan plan) {}
