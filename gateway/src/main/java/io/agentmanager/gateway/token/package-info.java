/** API tokens: shown once, stored hashed, rotated and revoked. */
@NullMarked
package io.agentmanager.gateway.token;

import org.jspecify.annotations.NullMarked;
