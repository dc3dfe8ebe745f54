/** The audit trail: chained, published, signed, verified. */
@NullMarked
package io.agentmanager.audit.trail;

import org.jspecify.annotations.NullMarked;
