/**
 * Everything that the served OpenAPI document names, called with everything but what it expects.
 */
@NullMarked
package io.agentmanager.system.fuzz;

import org.jspecify.annotations.NullMarked;
