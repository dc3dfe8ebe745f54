/** The command line's side of the API. */
@NullMarked
package io.agentmanager.local.client;

import org.jspecify.annotations.NullMarked;
