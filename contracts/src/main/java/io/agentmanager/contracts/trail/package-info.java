/** The audit trail on its way from the gateway to its keeper. */
@NullMarked
package io.agentmanager.contracts.trail;

import org.jspecify.annotations.NullMarked;
