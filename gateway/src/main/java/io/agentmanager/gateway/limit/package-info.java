/** How often tenants may call. */
@NullMarked
package io.agentmanager.gateway.limit;

import org.jspecify.annotations.NullMarked;
