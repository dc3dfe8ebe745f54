/** The audit trail where it begins: who did what, refusals included, on its way to its keeper. */
@NullMarked
package io.agentmanager.gateway.trail;

import org.jspecify.annotations.NullMarked;
