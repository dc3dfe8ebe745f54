/** What callers and workers exchange with the gateway, version 1 of the wire. */
@NullMarked
package io.agentmanager.contracts.api;

import org.jspecify.annotations.NullMarked;
