package dev.areaflow.api.areas;

import dev.areaflow.catalog.Action;
import dev.areaflow.schemas.rows.Plan;
import java.util.Optional;
import java.util.UUID;

/**
 * A definition in which nothing is wrong.
 *
 * @param definition as it was written
 * @param action the action that it names
 * @param connection what its action is listened with; empty where it needs none
 * @param plan what the topology executes for it
 */
record Checked(Definition definition, Action action, Optional<UUID> connection, Plan plan) {}
