/** Who calls: from whatever token came in to the one that the services trust. */
@NullMarked
package io.agentmanager.gateway.identity;

import org.jspecify.annotations.NullMarked;
