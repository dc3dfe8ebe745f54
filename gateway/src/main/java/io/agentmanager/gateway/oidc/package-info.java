/** Callers whom an OpenID Connect provider vouches for. */
@NullMarked
package io.agentmanager.gateway.oidc;

import org.jspecify.annotations.NullMarked;
