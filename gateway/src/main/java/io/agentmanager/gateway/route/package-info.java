/** Where each call goes, and what the gateway does with it on the way. */
@NullMarked
package io.agentmanager.gateway.route;

import org.jspecify.annotations.NullMarked;
