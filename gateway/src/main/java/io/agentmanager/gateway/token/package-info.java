/** API tokens: made once, stored hashed, exchanged for internal tokens. */
@NullMarked
package io.agentmanager.gateway.token;

import org.jspecify.annotations.NullMarked;
